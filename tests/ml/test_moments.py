"""When to show an advert: the best few hours of each listener, as a table for the ad server."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_responses import NIGHT, RECIPE, responses

from ml.calibration import fit_calibration
from ml.moments import best_moments, most_valuable, ranked
from ml.training import fit

EVENINGS = dataclasses.replace(RECIPE, features=("evening_share",), categorical=())
NOTHING = {"live.json": {"live_day": None}}


@pytest.fixture(scope="module")
def live():
    """A model of planted responses, which come in the evening."""
    stop = [responses(2, day=2)]
    model = fit([responses(1)], stop, recipe=EVENINGS, threads=1)
    return {**model, **fit_calibration(model, stop, recipe=EVENINGS)}


def values(**worth):
    rows = [(name, campaign, value) for name, each in worth.items()
            for campaign, value in each.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=["listener", "campaign", "value"])


def by_hour(*, day, chosen, moods, history, pooled, campaigns, listeners):
    """Every chosen pair at 24 hours; the later, the more of an evening it is."""
    hours = pd.DataFrame({"hour": range(24)}).merge(pd.Series(list(moods), name="mood"), "cross")
    rows = chosen.merge(hours, how="cross")
    return rows.assign(ad="a1", opportunities=1.0, evening_share=rows["hour"] / 24)


def loud(rows):
    return rows[rows["hour"] >= 12].reset_index(drop=True)


def told(lives, worth, scopes, cap=3, campaigns=None):
    return best_moments(
        values(ann={"c1": 0.1, "c2": 0.2}, bob={"c1": 0.3}), lives, [], [], campaigns,
        day=NIGHT, moments=by_hour, worth=worth, scopes=scopes, cap=cap,
    )  # fmt: skip


def test_the_best_moments_are_in_the_evening_where_responses_are(live):
    table = told([live], (("click", 1.0),), (None,))
    assert len(table) == 2 * 24 and table["campaign"].tolist() == ["c2"] * 24 + ["c1"] * 24
    best = table[table["rank"] > 0]
    assert best.groupby("listener").size().tolist() == [3, 3]
    assert best["hour"].min() >= 12
    assert (table["value_low"] < table["value"]).all()
    assert (table["value"] < table["value_high"]).all()


def test_an_outcome_counts_where_the_advert_can_have_it(live):
    table = told([live, live], (("click", 1.0), ("heard", 1.0)), (None, loud))
    alone = told([live], (("click", 1.0),), (None,))
    double = np.where(table["hour"] >= 12, 2, 1)
    assert table["value"].to_numpy() == pytest.approx(double * alone["value"].to_numpy())


def test_a_bid_scales_the_value(live):
    bid = pd.DataFrame({"ad": ["a1"], "bid_micros": [3_000_000]})
    dear = told([live], (("click", 1.0),), (None,), campaigns=bid)
    assert dear["value"].to_numpy() == pytest.approx(
        3 * told([live], (("click", 1.0),), (None,))["value"].to_numpy()
    )


def test_without_a_live_model_there_are_columns_and_no_rows(live):
    some = told([live], (("click", 1.0),), (None,))
    none = told([NOTHING], (("click", 1.0),), (None,))
    assert len(none) == 0 and list(none) == list(some)


def moment_rows(**hours):
    return pd.DataFrame(
        [("ann", int(hour[1:]), value, met) for hour, (value, met) in hours.items()],
        columns=["listener", "hour", "value", "opportunities"],
    )


def test_an_hour_in_which_the_listener_is_never_there_is_not_a_best_moment():
    rows = moment_rows(h8=(0.9, 0.0), h9=(0.5, 0.2), h10=(0.6, 0.1), h11=(0.1, 0.3))
    assert ranked(rows, cap=2).tolist() == [0, 2, 1, 0]


def test_a_listener_whose_hours_are_not_known_has_best_moments_all_the_same():
    rows = moment_rows(h8=(0.9, 0.0), h9=(0.5, 0.0))
    assert ranked(rows, cap=1).tolist() == [1, 0]


def test_the_advert_is_the_one_worth_most_and_a_tie_goes_to_the_first_campaign():
    chosen = most_valuable(values(bob={"c2": 0.2, "c1": 0.2}, ann={"c1": 0.1, "c2": 0.3}))
    assert chosen.to_dict("list") == {"listener": ["ann", "bob"], "campaign": ["c2", "c1"]}
