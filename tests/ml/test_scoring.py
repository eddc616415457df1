import dataclasses

import pytest
from planted_responses import RECIPE, moods, responses

from ml.calibration import fit_calibration, predict
from ml.scoring import score
from ml.training import fit

CLASSES = dataclasses.replace(RECIPE, objective="multiclass", rounds=20)
KEYS = ("listener", "market")


def live(recipe, train, stop):
    model = fit([train], [stop], recipe=recipe, threads=1)
    calibration = fit_calibration(model, [stop], recipe=recipe)
    return {"live.json": {"live_day": "2026-01-04"}, **model, **calibration}


@pytest.fixture(scope="module")
def ads():
    return live(RECIPE, responses(1), responses(2, day=2))


def test_scores_are_the_calibrated_probabilities(ads):
    candidates = responses(3, rows=200)
    scores = score(ads, candidates, recipe=RECIPE, keys=KEYS)
    expected = ["listener", "market", "score", "low", "high", "top_reasons", "model_version"]
    assert list(scores) == expected
    assert (scores["low"] < scores["score"]).all() and (scores["score"] < scores["high"]).all()
    assert (scores["score"] == predict(ads, ads, candidates, RECIPE)).all()
    assert set(scores["model_version"]) == {"2026-01-04"}


def test_the_reason_for_an_evening_score_is_the_evening(ads):
    late = responses(3, rows=50).assign(evening_share=0.95)
    reasons = score(ads, late, recipe=RECIPE, keys=KEYS)["top_reasons"]
    assert reasons.str.startswith("evening_share").mean() > 0.9
    assert (reasons.str.count(", ") <= 2).all()


def test_only_the_best_scores_have_their_reasons_worked_out(ads):
    scores = score(ads, responses(3, rows=200), recipe=RECIPE, keys=KEYS, reasoned_rows=20)
    best = scores.nlargest(20, "score").index
    assert (scores["top_reasons"] != "").sum() == 20
    assert (scores.loc[best, "top_reasons"] != "").all()


def test_the_version_given_is_the_version_written(ads):
    scores = score(ads, responses(3, rows=5), recipe=RECIPE, keys=KEYS, model_version="ads v7")
    assert set(scores["model_version"]) == {"ads v7"}


@pytest.mark.parametrize(
    "recipe, extra", [(RECIPE, ["low", "high"]), (CLASSES, ["segment", "probability"])]
)
def test_without_a_live_model_there_are_columns_and_no_rows(recipe, extra):
    nothing = {"live.json": {"live_day": None}}
    scores = score(nothing, responses(3, rows=5), recipe=recipe, keys=KEYS)
    expected = ["listener", "market", "score", *extra, "top_reasons", "model_version"]
    assert list(scores) == expected
    assert len(scores) == 0


def test_no_candidates_flow_through_with_the_same_types(ads):
    some = score(ads, responses(3, rows=5), recipe=RECIPE, keys=KEYS)
    none = score(ads, responses(3, rows=5)[:0], recipe=RECIPE, keys=KEYS)
    off = score({"live.json": {"live_day": None}}, some, recipe=RECIPE, keys=KEYS)
    assert none.dtypes.equals(some.dtypes) and off.dtypes.equals(some.dtypes)


def test_a_segment_is_named_and_its_probability_told():
    bundle = live(CLASSES, moods(), moods())
    bundle["card.json"]["classes"] = ["early", "day", "night owls"]
    early = moods(2, rows=60).assign(evening_share=0.05)
    scores = score(bundle, early, recipe=CLASSES, keys=KEYS)
    assert (scores["segment"] == "early").mean() > 0.9
    assert (scores["score"] == scores["probability"]).all()
    each = scores[["probability_early", "probability_day", "probability_night owls"]]
    assert each.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert scores["top_reasons"].str.startswith("evening_share").mean() > 0.9
