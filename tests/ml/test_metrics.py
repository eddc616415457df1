import doctest
import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml import baselines, drift, gate_rules, intervals, metrics, sampling


@pytest.mark.parametrize(
    "module", [metrics, sampling, baselines, drift, gate_rules, intervals], ids=lambda m: m.__name__
)
def test_the_numbers_in_the_docstrings_are_right(module):
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0


@pytest.fixture()
def noisy():
    random = np.random.default_rng(3)
    scores = random.integers(0, 20, 500) / 20
    return (random.random(500) < scores).astype(int), scores, random.integers(0, 4, 500)


def test_auc_agrees_with_scikit_learn_on_ties_and_weights(noisy):
    labels, scores, weights = noisy
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert metrics.auc(labels, scores, weights) == pytest.approx(expected, abs=1e-12)


def test_a_weight_of_two_is_the_row_twice(noisy):
    labels, scores, weights = noisy
    twice = np.repeat(labels, weights), np.repeat(scores, weights)
    for figure in (metrics.auc, metrics.normalized_entropy, metrics.calibration_ratio):
        assert figure(labels, scores, weights) == pytest.approx(figure(*twice))


def test_the_order_of_rows_changes_no_figure(noisy):
    labels, scores, _ = noisy
    order = np.random.default_rng(1).permutation(len(labels))
    assert metrics.auc(labels, scores) == metrics.auc(labels[order], scores[order])
    assert metrics.reliability(labels, scores) == metrics.reliability(labels[order], scores[order])
    assert metrics.gain_curve(labels, scores) == metrics.gain_curve(labels[order], scores[order])


def test_knowing_only_the_base_rate_is_a_normalized_entropy_of_one():
    labels = np.array([0] * 97 + [1] * 3)
    assert metrics.normalized_entropy(labels, np.full(100, 0.03)) == pytest.approx(1.0)


def test_one_certain_mistake_is_not_infinitely_bad():
    assert math.isfinite(metrics.log_loss([1], [0.0]))


@pytest.mark.parametrize("labels", [[0, 0], []])
def test_a_figure_without_meaning_is_none_in_json(labels):
    scores = [0.2, 0.4][: len(labels)]
    for figure in (metrics.auc, metrics.normalized_entropy, metrics.calibration_ratio):
        assert metrics.number(figure(labels, scores)) is None
    assert metrics.gain_curve(labels, scores) == []


def test_calibration_error_sees_what_the_ratio_cannot():
    labels = np.array([0] * 50 + [1] * 50)
    backwards = np.array([0.9] * 50 + [0.1] * 50)
    assert metrics.calibration_ratio(labels, backwards) == pytest.approx(1.0)
    assert metrics.calibration_error(labels, backwards) == pytest.approx(0.9)


def test_bins_hold_about_the_same_number_of_rows():
    bins = metrics.reliability(np.zeros(1000), np.random.default_rng(1).random(1000))
    assert [entry["rows"] for entry in bins] == [50] * 20
