"""An impression is worth its bid times what may come of it."""

import numpy as np
import pandas as pd
import pytest

from ml.money import money
from ml.value import bids, combined, earned, expected_value

WORTH = (("click", 1.0), ("heard", 0.1), ("skipped", -0.5))


def scores(probability, ads=("a1", "a2"), error=0.01):
    wide = 1.959963985 * error
    return pd.DataFrame(
        {
            "listener": [f"l{at}" for at in range(len(ads))],
            "campaign": "c1",
            "ad": list(ads),
            "score": probability,
            "low": probability - wide,
            "high": probability + wide,
        }
    )


def campaigns(**bid):
    return [pd.DataFrame({"ad": list(bid), "bid_micros": [int(b * 1e6) for b in bid.values()]})]


def test_a_value_is_the_bid_times_the_worth_of_what_may_come():
    told = expected_value(
        [scores(0.04), scores(0.5), scores(0.1)], campaigns(a1=2.0, a2=1.0), worth=WORTH
    )
    assert told["value"].tolist() == pytest.approx([2 * (0.04 + 0.05 - 0.05), 0.04])
    assert (told["score"] == told["value"]).all()
    assert told["click_rate"].tolist() == [0.04, 0.04]
    assert told["heard"].tolist() == [0.5, 0.5]


def test_an_advert_that_cannot_be_heard_is_worth_its_click_alone():
    silent = scores(0.04).head(1)
    told = expected_value([scores(0.04), silent, silent], None, worth=WORTH)
    assert told["value"].iloc[1] == pytest.approx(0.04)
    assert np.isnan(told["heard"].iloc[1])


def test_an_outcome_without_a_live_model_adds_nothing():
    none = scores(0.5).head(0)
    told = expected_value([scores(0.04), none, none], None, worth=WORTH)
    assert told["value"].tolist() == pytest.approx([0.04, 0.04])


def test_the_interval_of_a_sum_holds_it_nineteen_times_in_twenty():
    random = np.random.default_rng(3)
    truth, errors, weights = (0.05, 0.5), (0.01, 0.05), (1.0, 0.1)
    held = 0
    for _ in range(2000):
        seen = [np.array([t + e * random.normal()]) for t, e in zip(truth, errors, strict=True)]
        value, reach = combined(seen, [np.array([e]) for e in errors], weights)
        held += abs(value[0] - 0.1) < reach[0]
    assert 0.93 < held / 2000 < 0.97


def test_an_ad_nobody_named_a_bid_for_is_bid_one():
    ads = pd.Series(["a1", "a2", "a3"])
    assert bids(ads, campaigns(a1=2.5, a2=-1e-6)).tolist() == [2.5, 1.0, 1.0]
    assert bids(ads, None).tolist() == [1.0, 1.0, 1.0]


def test_what_was_earned_counts_the_outcomes_that_came():
    came = {"click": np.array([1, 0]), "heard": np.array([1, 1]), "skipped": np.array([0, 1])}
    assert earned(came, np.array([2.0, 2.0]), WORTH).tolist() == pytest.approx([2.2, -0.8])


def test_the_money_of_the_night_adds_up_over_audiences():
    told = expected_value(
        [scores(0.04), scores(0.5), scores(0.1)], campaigns(a1=2.0, a2=1.0), worth=WORTH
    )
    found = money(told.rename(columns={"campaign": "audience"}), told)
    assert found["expected_value"] == pytest.approx(0.12)
    assert found["low"] < 0.12 < found["high"]
    assert [one["audience"] for one in found["by_audience"]] == ["c1"]
    assert "0.12 bid units" in found["sentences"][0]
    assert "60.00 per thousand" in found["sentences"][0]


def test_choosing_by_click_rate_is_said_to_earn_less():
    rich, dear = scores(0.02, ("a1", "a2")), campaigns(a1=10.0, a2=1.0)
    rich["listener"], rich["campaign"] = "l0", ["c1", "c2"]
    rich.loc[1, ["score", "low", "high"]] = [0.03, 0.02, 0.04]
    told = expected_value([rich], dear, worth=WORTH[:1])
    said = money(told.rename(columns={"campaign": "audience"}), told)["sentences"][1]
    assert "85% less" in said and "200.00" in said


def test_scores_without_a_value_have_no_money():
    assert money(pd.DataFrame(), scores(0.1)) is None
