"""Drift: a stable world is quiet, a shift is found, named and dated, and shards and days add up."""

import json

import numpy as np
import pandas as pd
import pytest
from planted_monitoring import NUMBERS, RECIPE, ROWS, counts, date, rows

from ml.monitoring.drift import ADOPTED, FEWEST_DAYS, learnt_limit, measure
from ml.monitoring.drifting import drift_of_night
from ml.monitoring.histograms import MISSING, count_features, window

WINDOW = 16
NIGHTS = 45
SHIFTED = 28


def longer_plays(frame):
    return frame.assign(plays=frame["plays"] * 2)


@pytest.fixture(scope="module")
def stable():
    return [counts(number) for number in range(NIGHTS)]


@pytest.fixture(scope="module")
def shifted(stable):
    later = [counts(number, longer_plays) for number in range(SHIFTED, NIGHTS)]
    return stable[:SHIFTED] + later


def night(days, number):
    """What is said of one night, beside the days of its window."""
    first = max(0, number - WINDOW)
    names = [str(date(one)) for one in range(first, number + 1)]
    return {one["feature"]: one for one in measure(days[first : number + 1], names)}


def moved(found):
    return {name for name, one in found.items() if one["since"]}


def test_in_a_stable_world_no_night_has_an_alarm(stable):
    """A documented chance of one in a hundred a night: over 38 nights, two would be bad luck."""
    alarms = [number for number in range(FEWEST_DAYS, NIGHTS) if moved(night(stable, number))]
    assert len(alarms) <= 1


@pytest.mark.parametrize("unlike", [0.0, 0.5])
def test_the_chance_of_a_false_alarm_is_at_most_what_is_promised(unlike):
    """Distances as a chi-square gives them, on days that vary alike or much unlike each other."""
    dice, tests, passed = np.random.default_rng(3), 5, 0
    for _ in range(10_000):
        seen = dice.chisquare(5, 16) / 5 * dice.lognormal(0, unlike, 16)
        passed += seen[-1] > learnt_limit(seen[:-1], tests, false_alarm=0.05)
    assert 0 < passed / 10_000 <= 0.05 / tests


def test_a_shift_is_found_the_first_night_with_its_name_and_dated_ever_after(shifted):
    for later in range(ADOPTED):
        found = night(shifted, SHIFTED + later)
        assert moved(found) == {"plays"}
        assert found["plays"]["since"] == str(date(SHIFTED))
        assert found["plays"]["index"] > found["plays"]["limit"] >= 0.1


def test_what_has_lasted_for_a_week_is_what_is_usual(shifted):
    assert moved(night(shifted, SHIFTED + ADOPTED)) == set()
    assert moved(night(shifted, SHIFTED + ADOPTED + 4)) == set()


@pytest.mark.parametrize("shift, feature", [
    (lambda frame: frame.assign(rate=np.where(frame.index % 3, frame["rate"], np.nan)), "rate"),
    (lambda frame: frame.assign(device="car"), "device"),
    (lambda frame: frame.assign(device=frame["device"].replace("phone", "watch")), "device"),
    (lambda frame: frame.assign(share=0.0), "share"),
    (lambda frame: frame.drop(columns="age_days"), "age_days"),
], ids=["missing", "one value", "a new word", "zero", "gone"])  # fmt: skip
def test_values_that_vanish_or_appear_are_a_shift(stable, shift, feature):
    days = [*stable[:20], counts(20, shift)]
    assert moved(night(days, 20)) == {feature}


def test_what_is_another_value_every_day_for_all_alike_is_no_shift():
    """The age of an account that all have had since one day, and the days of history so far."""
    days = [counts(number, lambda frame, number=number: frame.assign(
        age_days=2000.0 + 9 * number, rate=float(number + 1))) for number in range(20)]  # fmt: skip
    assert not [number for number in range(FEWEST_DAYS, 20) if moved(night(days, number))]


def test_too_few_days_judge_nothing(stable):
    assert measure(stable[:FEWEST_DAYS], [str(date(one)) for one in range(FEWEST_DAYS)]) == []


def test_counts_of_shards_are_those_of_the_whole():
    whole = rows(3)
    parts = [whole[whole["listener"] < "l15"], whole[whole["listener"] >= "l15"]]
    one = count_features([whole], recipe=RECIPE)
    several = count_features(parts[::-1], recipe=RECIPE)
    for file in ("numbers.parquet", "words.parquet"):
        pd.testing.assert_frame_equal(one[file], several[file])
    assert one["day.json"]["rows"] == several["day.json"]["rows"] == ROWS


def test_counts_are_of_every_row_and_missing_values_are_counted_too():
    found = counts(5)["numbers.parquet"]
    assert found.groupby("feature")["rows"].sum().to_dict() == dict.fromkeys(NUMBERS, ROWS)
    empty = found[found["bucket"] == MISSING].set_index("feature")["rows"]
    assert empty.to_dict() == {"score_1d": int(rows(5)["score_1d"].isna().sum())}


def test_the_bins_of_a_window_hold_about_a_tenth_each(stable):
    seen = window(stable[:15])
    shares = seen.counts["age_days"][:-1, :-1].sum(axis=0) / (14 * ROWS)
    assert len(shares) == 10 and shares.min() > 0.06 and shares.max() < 0.15


def scores(number, middle=0.1):
    dice = np.random.default_rng(number)
    found = count_features(
        [pd.DataFrame({"listener": "l", "score": dice.beta(10 * middle, 10 - 10 * middle, 400)})],
        recipe=RECIPE.__class__("binary", features=("score",)),
    )["numbers.parquet"]
    return {"day": str(date(number)), "rows": 400, "words": [], "numbers": found.values.tolist()}


def test_an_alarm_says_what_how_much_since_when_and_what_now(shifted, tmp_path):
    recorded = []
    for number in range(SHIFTED + 1):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(scores(number)))
        recorded.append(path)
    last = SHIFTED + 1
    told = drift_of_night(
        scores(last, middle=0.4), shifted[last], shifted[last - WINDOW : last], recorded[-28:],
        family_name="ad_targeting", night=date(last),
        days=tuple(str(date(one)) for one in range(last - WINDOW, last)),
    )  # fmt: skip
    feature, score = told["alarms"]
    assert feature["subject"] == "ad_targeting feature plays" and feature["runbook"] == "drift"
    assert f"on {date(last)} spread otherwise than usual, since {date(SHIFTED)}" in \
        feature["sentence"]  # fmt: skip
    assert "usually below 0." in feature["sentence"] and "Look whether" in feature["sentence"]
    assert score["subject"] == "ad_targeting scores"
    assert f"since {date(last)}" in score["sentence"]
