import numpy as np
import pandas as pd
import pytest

from ml.intervals import auc_draws, binary_figures, difference_figure, interval, resample
from ml.metrics import auc


def world(seed: int, listeners: int = 300, each: int = 4):
    """Listeners whose rows resemble each other; the true mean probability is known exactly."""
    random = np.random.default_rng(seed)
    taste = np.repeat(random.normal(-1, 1.5, listeners), each)
    listener = pd.Series(np.repeat(np.arange(listeners), each).astype(str), dtype="str")
    labels = (random.random(len(taste)) < 1 / (1 + np.exp(-taste))).astype(int)
    return listener, labels, taste


TRUTH = float((1 / (1 + np.exp(-np.random.default_rng(0).normal(-1, 1.5, 1_000_000)))).mean())


def coverage(group_by_listener: bool, worlds: int = 120) -> float:
    covered = 0
    for seed in range(worlds):
        listener, labels, _ = world(seed)
        if not group_by_listener:
            listener = pd.Series(np.arange(len(labels)).astype(str), dtype="str")
        predicted = np.full(len(labels), TRUTH)
        found = binary_figures(labels, predicted, resample(listener, 120, seed))
        bounds = found["calibration_ratio"]
        covered += bounds["low"] <= 1 <= bounds["high"]
    return covered / worlds


def test_nineteen_intervals_in_twenty_hold_the_truth():
    assert 0.88 <= coverage(group_by_listener=True) <= 0.99


def test_drawing_rows_instead_of_listeners_would_promise_too_much():
    assert coverage(group_by_listener=False) < 0.88


def test_the_middle_of_the_draws_is_the_figure_itself():
    listener, labels, taste = world(1)
    drawn = auc_draws(labels, taste, resample(listener, 200, 1))
    assert drawn.mean() == pytest.approx(auc(labels, taste), abs=0.005)


def test_the_order_of_rows_does_not_change_an_interval():
    listener, labels, taste = world(1)
    order = np.random.default_rng(2).permutation(len(labels))
    shuffled = listener.iloc[order].reset_index(drop=True)
    scores = 1 / (1 + np.exp(-taste))
    one = binary_figures(labels, scores, resample(listener, 50, 7))
    other = binary_figures(labels[order], scores[order], resample(shuffled, 50, 7))
    assert one["auc"] == other["auc"]
    for name in one:
        assert list(one[name].values()) == pytest.approx(list(other[name].values()), abs=2e-9)


def test_a_paired_difference_is_surer_than_either_model():
    listener, labels, taste = world(1)
    drawn = resample(listener, 200, 7)
    good, slightly_worse = (1 / (1 + np.exp(-taste * shrink)) for shrink in (1.0, 0.9))
    alone = binary_figures(labels, good, drawn)["normalized_entropy"]
    paired = difference_figure(labels, good, slightly_worse, drawn)
    assert paired["high"] - paired["low"] < (alone["high"] - alone["low"]) / 2


def test_a_model_does_not_differ_from_itself():
    listener, labels, taste = world(1)
    scores = 1 / (1 + np.exp(-taste))
    found = difference_figure(labels, scores, scores, resample(listener, 50, 7))
    assert found == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_some_rows_see_the_same_draws_as_all():
    listener, labels, taste = world(1)
    drawn = resample(listener, 50, 7)
    chosen = np.arange(len(labels)) < 400
    alone = auc_draws(labels[chosen], taste[chosen], drawn.rows(chosen))
    zeros = drawn.weights[:, drawn.listener] * chosen
    expected = [auc(labels, taste, weights) for weights in zeros]
    np.testing.assert_allclose(alone, expected)


def test_a_figure_most_draws_cannot_measure_has_no_interval():
    listener = pd.Series(["a", "b"], dtype="str")
    found = binary_figures(np.array([0, 0]), np.array([0.1, 0.2]), resample(listener, 20, 1))
    assert found["auc"] == {"value": None, "low": None, "high": None}
    assert interval(1.0, np.array([np.nan, np.nan, 1.0]))["low"] is None
