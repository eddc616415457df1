import dataclasses
import json

import pytest
from planted_responses import NIGHT, RECIPE, moods, responses

from ml.baselines import stand_beside
from ml.calibration import fit_calibration
from ml.evaluation import evaluate
from ml.family import Baseline
from ml.training import fit

TRAIN, STOP, TEST = responses(1), responses(2, day=2), responses(3, day=3)
CLASSES = dataclasses.replace(RECIPE, objective="multiclass", rounds=20)
BASELINES = (
    Baseline("device", "rates", ("device",)),
    Baseline("break and device", "rates", ("attr_break", "device")),
)


def learnt(recipe=RECIPE, train=TRAIN, stop=STOP):
    model = fit([train], [stop], recipe=recipe, threads=1)
    return model, fit_calibration(model, [stop], recipe=recipe)


def judged(model, calibration, test=TEST, champion=None, recipe=RECIPE, baselines=(), **settings):
    settings = {"slices": ("market",), "draws": 50, **settings}
    return evaluate(
        model,
        calibration,
        [test],
        stand_beside([TRAIN], [STOP], [test], baselines=baselines) if baselines else None,
        champion,
        family_name="ads",
        night=NIGHT,
        test_days=[NIGHT],
        recipe=recipe,
        **settings,
    )["evaluation.json"]


def live(model, calibration, day="2026-01-04"):
    return {"live.json": {"live_day": day}, **model, **calibration}


@pytest.fixture(scope="module")
def evaluation():
    return judged(*learnt(), baselines=BASELINES)


def test_the_model_stands_beside_what_needs_no_model(evaluation):
    entropy = {n: m["normalized_entropy"]["value"] for n, m in evaluation["metrics"].items()}
    assert list(entropy) == ["model", "base rate", "device", "break and device"]
    assert entropy["model"] < entropy["device"] < entropy["base rate"]
    assert entropy["base rate"] == pytest.approx(1.0, abs=0.01)


def test_how_far_ahead_of_a_baseline_is_known_with_an_interval(evaluation):
    entropy = {n: m["normalized_entropy"]["value"] for n, m in evaluation["metrics"].items()}
    for name, apart in evaluation["beside"].items():
        assert apart["value"] == pytest.approx(entropy["model"] - entropy[name])
        assert apart["low"] < apart["value"] < apart["high"] < 0


def test_every_interval_holds_its_figure(evaluation):
    for figures in evaluation["metrics"].values():
        for name in ("auc", "normalized_entropy", "calibration_ratio", "log_loss"):
            assert figures[name]["low"] <= figures[name]["value"] <= figures[name]["high"]


def test_slices_share_out_the_rows(evaluation):
    assert [entry["value"] for entry in evaluation["slices"]] == ["DE", "SE"]
    assert sum(entry["rows"] for entry in evaluation["slices"]) == evaluation["rows"]
    assert sum(entry["positives"] for entry in evaluation["slices"]) == evaluation["positives"]


def test_an_evaluation_is_plain_json(evaluation):
    assert json.loads(json.dumps(evaluation, allow_nan=False)) == evaluation


def test_what_was_left_out_is_said():
    by_ad = (Baseline("ad", "rates", ("ad",)),)
    settings = {"slices": ("market", "planet"), "baselines": by_ad, "minimum_rows": 10_000}
    notes = judged(*learnt(), **settings)["notes"]
    assert "Too few rows (below 10,000) to judge by market: DE, SE." in notes
    assert "The test examples have no column planet: not judged by planet." in notes
    assert "The baseline ad needs ad: not computed." in notes
    assert any("no champion" in note for note in notes)


def test_a_champion_is_judged_on_the_same_examples():
    weak = dataclasses.replace(RECIPE, features=("noise",), categorical=(), open_features=())
    champion = live(*learnt(weak))
    evaluation = judged(*learnt(), champion=champion)
    comparison = evaluation["comparison"]
    assert comparison["champion_day"] == "2026-01-04"
    assert comparison["difference"]["high"] < 0
    ours, theirs = (evaluation["metrics"][n]["normalized_entropy"] for n in ("model", "champion"))
    expected = ours["value"] - theirs["value"]
    assert comparison["difference"]["value"] == pytest.approx(expected, abs=1e-8)
    assert [entry["value"] for entry in comparison["slices"]] == ["DE", "SE"]


def test_a_champion_equal_to_the_challenger_differs_by_nothing():
    model, calibration = learnt()
    comparison = judged(model, calibration, champion=live(model, calibration))["comparison"]
    assert comparison["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_champion_with_other_classes_is_not_compared():
    model, calibration = learnt()
    other = live({**model, "card.json": {**model["card.json"], "classes": ["a", "b"]}}, calibration)
    evaluation = judged(model, calibration, champion=other)
    assert evaluation["comparison"] is None
    assert any("its classes differ" in note for note in evaluation["notes"])


def test_the_order_of_test_rows_does_not_change_the_evaluation(evaluation):
    shuffled = TEST.sample(frac=1, random_state=2)
    assert judged(*learnt(), test=shuffled, baselines=BASELINES) == evaluation


def test_a_test_day_without_rows_has_no_figures_and_no_error():
    evaluation = judged(*learnt(), test=TEST[:0], baselines=BASELINES)
    assert evaluation["rows"] == 0
    assert evaluation["metrics"]["model"]["auc"] == {"value": None, "low": None, "high": None}
    json.dumps(evaluation, allow_nan=False)


@pytest.mark.parametrize("recipe", [RECIPE, CLASSES], ids=["binary", "several classes"])
def test_a_model_that_was_not_trained_has_a_reason_and_no_figures(recipe):
    model, calibration = learnt(recipe, TRAIN[:0], STOP[:0])
    evaluation = judged(model, calibration, recipe=recipe)
    assert evaluation["rows"] == len(TEST)
    assert "no examples on the days to train on" in evaluation["notes"][0]
    assert {figure["value"] for figure in evaluation["metrics"]["model"].values()} == {None}
    json.dumps(evaluation, allow_nan=False)


def test_a_column_that_is_the_same_everywhere_is_no_slice():
    evaluation = judged(*learnt(), test=TEST.assign(market="SE"))
    assert evaluation["slices"] == []
    assert "All test rows have market SE: not judged by market." in evaluation["notes"]


def test_several_classes_beat_their_shares_and_show_their_confusion():
    evaluation = judged(*learnt(CLASSES, moods(), moods()), moods(), recipe=CLASSES)
    figures = evaluation["metrics"]
    assert evaluation["rows"] == (moods()["part"] == "test").sum()
    right = {name: figures[name]["accuracy"]["value"] for name in figures}
    assert right["model"] > right["most frequent class"]
    assert figures["model"]["normalized_entropy"]["value"] < 0.7
    assert figures["base rate"]["normalized_entropy"]["value"] == pytest.approx(1.0, abs=0.02)
    assert figures["most frequent class"]["log_loss"]["value"] is None
    assert sum(map(sum, evaluation["confusion"])) == evaluation["rows"]
    assert evaluation["gain"] == [] and evaluation["positives"] is None
    json.dumps(evaluation, allow_nan=False)


def test_a_class_nobody_trained_on_is_left_out_with_a_note():
    rows = moods()
    first = rows.index[rows["part"] == "test"][0]
    strange = rows.assign(label=rows["label"].where(rows.index != first, 9))
    evaluation = judged(*learnt(CLASSES, rows, rows), strange, recipe=CLASSES)
    assert "1 test rows are of a class the model does not know: left out." in evaluation["notes"]
