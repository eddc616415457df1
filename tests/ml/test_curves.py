import doctest
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from ml import curves as module
from ml.curves import curves
from ml.intervals import resample

ROWS = 4000


def shown(seed=1):
    """Answers fall from a fifth by a half with each time the ad was heard before."""
    random = np.random.default_rng(seed)
    heard = np.minimum(random.poisson(1.0, ROWS), 4)
    rate = 0.2 * 0.5**heard
    frame = pd.DataFrame(
        {
            "listener": [f"l{number % 800:04d}" for number in range(ROWS)],
            "heard": heard,
            "minutes": random.exponential(30, ROWS),
            "device": pd.Series(random.choice(["car", "phone"], ROWS), dtype="str"),
            "alike": 1,
        }
    )
    return frame, (random.random(ROWS) < rate).astype(int), rate


def drawn(*wanted, rows=slice(None), seed=1):
    frame, happened, expected = shown(seed)
    kept = frame[rows].reset_index(drop=True)
    resampling = resample(kept["listener"], 100, 7)
    return curves(kept, happened[rows], expected[rows], resampling, wanted)


def test_the_numbers_in_the_docstrings_are_right():
    assert doctest.testmod(module).failed == 0


def test_fatigue_is_drawn_point_by_point_as_it_was_planted():
    found, notes = drawn(("heard", "Heard before"))
    points = found[0]["points"]
    assert notes == [] and found[0]["title"] == "Heard before"
    assert [(point["first"], point["last"]) for point in points] == [(n, n) for n in range(5)]
    assert sum(point["rows"] for point in points) == ROWS
    for number, point in enumerate(points):
        assert point["predicted"]["value"] == pytest.approx(0.2 * 0.5**number)
        assert point["observed"]["low"] <= point["observed"]["value"] <= point["observed"]["high"]
    seen = [point["observed"]["value"] for point in points]
    assert seen[0] > seen[1] > seen[2]
    assert points[0]["observed"]["low"] < 0.2 < points[0]["observed"]["high"]


def test_many_numbers_are_cut_into_tenths_and_words_are_points_of_their_own():
    found, _ = drawn(("minutes", "Minutes"), ("device", "Device"))
    points = found[0]["points"]
    assert len(points) == 10 and {point["rows"] for point in points} == {400}
    assert all(a["last"] < b["first"] for a, b in pairwise(points))
    assert [point["first"] for point in found[1]["points"]] == ["car", "phone"]


def test_neighbours_are_pooled_until_they_say_something():
    found, _ = drawn(("heard", "Heard before"), rows=slice(0, 400))
    points = found[0]["points"]
    assert points[-1]["last"] == 4 and points[-1]["first"] < 4
    assert min(point["rows"] for point in points) >= 50


def test_where_nothing_happened_the_interval_does_not_promise_that_nothing_will():
    frame, happened, expected = shown()
    resampling = resample(frame["listener"], 50, 7)
    quiet = np.where(frame["heard"] == 4, 0, happened)
    found, _ = curves(frame, quiet, expected, resampling, (("heard", "Heard"),))
    last = found[0]["points"][-1]["observed"]
    assert last["value"] == last["low"] == 0.0 and last["high"] > 0.01


def test_columns_that_are_absent_or_all_alike_are_said_not_drawn():
    found, notes = drawn(("planet", "Planet"), ("alike", "Alike"), ("heard", "Heard before"))
    assert [curve["column"] for curve in found] == ["heard"]
    assert notes[0] == "Planet: the test rows hold too little of planet to draw a curve."
    nothing, notes = drawn(("heard", "Heard before"), rows=slice(0, 0))
    assert nothing == [] and len(notes) == 1


def test_missing_values_are_in_no_point():
    frame, happened, expected = shown()
    frame["heard"] = frame["heard"].where(frame["heard"] > 0)
    found, _ = curves(
        frame, happened, expected, resample(frame["listener"], 10, 7), (("heard", "Heard"),)
    )
    points = found[0]["points"]
    assert points[0]["first"] == 1
    assert sum(point["rows"] for point in points) == frame["heard"].notna().sum()
