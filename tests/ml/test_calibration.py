import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_responses import RECIPE, moods, responses

from ml.calibration import (
    calibrated,
    fit_calibration,
    fit_platt,
    interval,
    predict,
    uncalibrated,
)
from ml.metrics import auc, calibration_error, calibration_ratio, class_losses
from ml.sampling import part
from ml.training import fit

TRAIN, STOP, TEST = responses(1), responses(2, day=2), responses(3, day=3)
CLASSES = dataclasses.replace(RECIPE, objective="multiclass", rounds=20)


def learnt(recipe=RECIPE, train=TRAIN, stop=STOP):
    model = fit([train], [stop], recipe=recipe, threads=1)
    return model, fit_calibration(model, [stop], recipe=recipe)


def alone(labels):
    """Every row is of another listener."""
    return pd.Series(range(len(labels)))


@pytest.mark.parametrize("keep", [1.0, 0.2])
def test_on_days_never_seen_as_many_respond_as_predicted(keep):
    recipe = dataclasses.replace(RECIPE, keep_negatives=keep)
    model, calibration = learnt(recipe)
    # With 2,000 rows in each of 20 bins, chance alone leaves gaps of about 0.007.
    later = responses(3, rows=40_000, day=3)
    predicted = predict(model, calibration, later, recipe)
    assert calibration_ratio(later["label"], predicted) == pytest.approx(1.0, abs=0.1)
    assert calibration_error(later["label"], predicted) < 0.025


def test_thinned_negatives_are_undone_before_any_calibration():
    recipe = dataclasses.replace(RECIPE, keep_negatives=0.1)
    model, _ = learnt(recipe, responses(1, rows=20_000))
    later = responses(3, rows=20_000, day=3)
    found = calibration_ratio(later["label"], uncalibrated(model, later))
    assert found == pytest.approx(1.0, abs=0.1)


def test_a_level_that_moved_since_training_is_followed():
    model = fit([TRAIN], [STOP], recipe=RECIPE, threads=1)
    moved = responses(4, base=-2.0, day=2)
    calibration = fit_calibration(model, [moved], recipe=RECIPE)
    later = responses(5, base=-2.0, day=3)
    before = calibration_ratio(later["label"], uncalibrated(model, later))
    after = calibration_ratio(later["label"], predict(model, calibration, later, RECIPE))
    assert before < 0.7
    assert after == pytest.approx(1.0, abs=0.1)


def test_calibrating_never_changes_who_is_ahead():
    model, calibration = learnt()
    raw = uncalibrated(model, TEST)
    assert auc(TEST["label"], predict(model, calibration, TEST, RECIPE)) == auc(TEST["label"], raw)


@pytest.mark.parametrize("stretch", [0.5, 2.0])
def test_odds_that_are_too_timid_or_too_bold_are_corrected(stretch):
    random = np.random.default_rng(1)
    margin = random.normal(-2, 1, 20_000)
    labels = (random.random(20_000) < 1 / (1 + np.exp(-margin))).astype(int)
    fitted = fit_platt(labels, 1 / (1 + np.exp(-stretch * margin)), alone(labels))
    assert fitted["slope"] == pytest.approx(1 / stretch, rel=0.1)
    assert fitted["calibration_ratio"]["after"] == pytest.approx(1.0, abs=0.01)


def test_a_handful_of_positives_can_do_no_harm():
    labels = np.array([0] * 30 + [1])
    fitted = fit_platt(labels, np.linspace(0.02, 0.06, 31), alone(labels))
    assert 0.5 < fitted["slope"] < 2
    assert abs(fitted["level"]) < 0.5


def test_even_a_backwards_model_keeps_a_rising_map():
    labels = np.array([1] * 500 + [0] * 500)
    scores = np.linspace(0.1, 0.9, 1000)
    mapped = calibrated(scores, fit_platt(labels, scores, alone(labels)))
    assert (np.diff(mapped) >= 0).all()


def test_stop_days_with_one_kind_of_label_leave_probabilities_alone():
    model, _ = learnt()
    calibration = fit_calibration(model, [STOP.assign(label=0)], recipe=RECIPE)
    assert "not calibrated" in calibration["calibration.json"]["notes"][0]
    np.testing.assert_array_equal(
        predict(model, calibration, TEST, RECIPE), uncalibrated(model, TEST)
    )


def test_several_classes_sum_to_one_and_say_how_sure_they_are():
    model, calibration = learnt(CLASSES, moods(), moods())
    rows = part([moods(2)], "test")
    predicted = predict(model, calibration, rows, CLASSES)
    assert predicted.shape == (len(rows), 3)
    np.testing.assert_allclose(predicted.sum(axis=1), 1)
    hit = predicted.argmax(axis=1) == rows["label"]
    assert predicted.max(axis=1).mean() == pytest.approx(hit.mean(), abs=0.05)


def test_a_temperature_never_makes_the_stop_days_worse():
    model, calibration = learnt(CLASSES, moods(), moods())
    stop = part([moods()], "stop")
    labels = stop["label"].to_numpy()
    after = class_losses(labels, predict(model, calibration, stop, CLASSES)).mean()
    assert after <= class_losses(labels, uncalibrated(model, stop)).mean()


@pytest.mark.parametrize("recipe, data, shape", [(RECIPE, TRAIN, (0,)), (CLASSES, moods(), (0, 3))])
def test_no_rows_have_no_probabilities(recipe, data, shape):
    model, calibration = learnt(recipe, data, data)
    assert predict(model, calibration, data[:0], recipe).shape == shape


def test_a_model_of_another_objective_is_refused():
    model, calibration = learnt()
    with pytest.raises(ValueError, match="Expected objective multiclass; the model's card says"):
        predict(model, calibration, TEST, CLASSES)


@pytest.mark.parametrize("answers_each", [1, 20])
def test_nineteen_intervals_in_twenty_hold_the_truth_however_many_answers_a_listener_gives(
    answers_each,
):
    random = np.random.default_rng(5)
    held = []
    for _ in range(200):
        listeners = pd.Series(np.repeat(np.arange(1500 // answers_each), answers_each))
        margin = random.normal(-2, 1, len(listeners))
        # All answers of a listener agree: twenty of them say no more than one.
        draws = np.repeat(random.random(1500 // answers_each), answers_each)
        margin = np.repeat(margin[::answers_each], answers_each)
        labels = (draws < 1 / (1 + np.exp(-margin))).astype(int)
        said = 1 / (1 + np.exp(-margin))
        low, high = interval(said, fit_platt(labels, said, listeners))
        held.append(((low < said) & (said < high)).mean())
    # A weak prior toward "leave it alone" makes intervals from few listeners a little generous.
    assert 0.90 < np.mean(held) < 0.995


def test_probabilities_that_were_not_calibrated_have_no_interval():
    low, high = interval(np.array([0.2, 0.4]), {"method": "identity"})
    assert np.isnan(low).all() and np.isnan(high).all()
