"""Who is where tonight: reluctant to change, and honest about how many did."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from ml.segments import movement
from ml.segments.assignment import UNKNOWN
from ml.segments.membership import COLUMNS, assign

NIGHT, BEFORE = dt.date(2026, 2, 3), dt.date(2026, 2, 2)
NAMES = {"names.json": {"segments": [
    {"id": one, "name": name, "color": "#0072b2", "discovered_name": name}
    for one, name in (("s1", "evening, calm"), ("s2", "morning, car"), ("s3", "gone"))
]}}  # fmt: skip
DEFINITIONS = {"definitions.json": {"as_of": "2026-01-28",
                                    "segments": [{"id": "s1"}, {"id": "s2"}]}}  # fmt: skip


def scores(**first):
    """The probability of s1 for each listener; None for who is hardly known."""
    rows = pd.DataFrame({"listener": list(first), "probability_s1": list(first.values())})
    known = rows["probability_s1"].notna()
    rows["probability_s1"] = rows["probability_s1"].fillna(0.5)
    rows["probability_s2"] = 1 - rows["probability_s1"]
    best = np.where(rows["probability_s1"] >= 0.5, "s1", "s2")
    rows["segment"] = pd.Series(np.where(known, best, UNKNOWN), dtype="str")
    rows["probability"] = rows[["probability_s1", "probability_s2"]].max(axis=1)
    return rows.astype({"listener": "str"})


def night(before=None, when=NIGHT, margin=0.2, **first):
    previous = () if before is None else [before]
    made = assign(scores(**first), NAMES, previous, night=when, margin=margin)
    return made.set_index("listener") if before is None else made


def test_a_listener_on_the_border_keeps_last_nights_segment():
    first = night(when=BEFORE, ann=0.55, bob=0.9).reset_index()
    now = night(first, ann=0.45, bob=0.2).set_index("listener")
    assert now.loc["ann", ["segment", "best", "held"]].tolist() == ["s1", "s2", True]
    assert now.loc["bob", ["segment", "previous", "held"]].tolist() == ["s2", "s1", False]
    assert now.loc["ann", "probability"] == 0.45 and now.loc["ann", "best_probability"] == 0.55


def test_since_says_since_when_a_listener_is_where_they_are():
    first = night(when=BEFORE, ann=0.9, bob=0.9).reset_index()
    now = night(first, ann=0.9, bob=0.1).set_index("listener")
    assert now["since"].dt.date.to_dict() == {"ann": BEFORE, "bob": NIGHT}


def test_who_is_hardly_known_is_unknown_yet_whatever_was_said_before():
    first = night(when=BEFORE, ann=0.9).reset_index()
    now = night(first, ann=None).set_index("listener").loc["ann"]
    assert (now["segment"], now["name"], now["held"]) == (UNKNOWN, UNKNOWN, False)
    assert np.isnan(now["probability"]) and np.isnan(now["best_probability"])


def test_nobody_is_held_in_a_segment_the_model_does_not_know():
    gone = night(when=BEFORE, ann=0.9).reset_index().assign(segment="s3").astype({"segment": "str"})
    now = night(gone, ann=0.51).set_index("listener").loc["ann"]
    assert (now["segment"], now["previous"], now["held"]) == ("s1", "s3", False)


def test_membership_reads_the_files_of_all_shards_and_does_not_care_for_order(tmp_path):
    first = night(when=BEFORE, ann=0.55, bob=0.9, cid=0.1).reset_index()
    paths = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    first[:1].to_parquet(paths[0])
    first[1:].to_parquet(paths[1])
    asked = scores(ann=0.45, bob=0.2, cid=0.4)
    whole = assign(asked, NAMES, paths, night=NIGHT, margin=0.2)
    shuffled = assign(asked[::-1], NAMES, paths[::-1], night=NIGHT, margin=0.2)
    pd.testing.assert_frame_equal(whole, shuffled)
    assert whole.dtypes.astype(str).to_dict() == COLUMNS


@pytest.fixture
def week(tmp_path):
    """Two nights of twenty listeners: one moves, one is held, one was unknown before."""
    first = night(when=BEFORE, **dict.fromkeys((f"l{n:02d}" for n in range(19)), 0.9), new=None)
    first = first.reset_index()
    told = movement.summarise([first], NAMES, DEFINITIONS, family_name="f", night=BEFORE)
    path = tmp_path / "membership.json"
    path.write_text(json.dumps(told["membership.json"]))
    later = dict.fromkeys((f"l{n:02d}" for n in range(19)), 0.9) | {"l00": 0.1, "l01": 0.45}
    return first, path, night(first, **later, new=0.8)


def test_churn_counts_those_with_a_segment_on_both_nights_and_what_the_margin_held(week):
    _first, path, now = week
    told = movement.summarise([now], NAMES, DEFINITIONS, path, family_name="f", night=NIGHT)
    churn = told["membership.json"]["churn"]
    assert (churn["compared"], churn["changed"], churn["held"]) == (19, 1, 1)
    assert churn["share"] == pytest.approx(1 / 19, abs=1e-6)
    assert churn["share_without_hysteresis"] == pytest.approx(2 / 19, abs=1e-6)
    assert churn["low"] < churn["share"] < churn["high"]
    assert told["membership.json"]["flows"] == [
        {"from": "s1", "to": "s2", "listeners": 1},
        {"from": UNKNOWN, "to": "s1", "listeners": 1},
    ]


def test_sizes_grow_into_a_trend_and_arrivals_and_departures_add_up(week):
    _first, path, now = week
    told = movement.summarise([now], NAMES, DEFINITIONS, path, family_name="f", night=NIGHT)
    one, two = told["membership.json"]["segments"]
    assert [point["listeners"] for point in one["trend"]] == [19, 19]
    assert [point["day"] for point in one["trend"]] == [str(BEFORE), str(NIGHT)]
    assert (one["joined"], one["left"], two["joined"], two["left"]) == (1, 1, 1, 0)
    assert one["listeners"] + two["listeners"] + told["membership.json"]["unknown"] == 20


def test_the_first_night_compares_with_nothing_and_says_so(week):
    told = movement.summarise([week[0]], NAMES, DEFINITIONS, family_name="f", night=BEFORE)
    assert told["membership.json"]["churn"] is None
    assert "no earlier membership" in told["membership.json"]["notes"][0]
