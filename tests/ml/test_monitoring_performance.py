"""What is estimated without labels, and what is said of a model once they are there."""

import json

import numpy as np
import pandas as pd
import pytest
from planted_monitoring import date

from ml import metrics
from ml.families import FAMILIES
from ml.monitoring.champion import check_champion
from ml.monitoring.estimate import estimated, expected
from ml.monitoring.judging import count_scores, judge_day, judge_evaluated
from ml.monitoring.listener_draws import resample_by_hash
from ml.monitoring.matured import follow
from ml.monitoring.performing import performance

GATES = FAMILIES["ad_targeting"].gates
ROWS = 4000
CHAMPION = {"live.json": {"live_day": "2025-12-31"}, "calibration.json": {"method": "identity"}}


def day(number, truth=1.0, spread=1.0, rows=ROWS):
    """A day's scores and examples; the true probability is ``truth`` times what the model says."""
    dice = np.random.default_rng(number)
    said = 1 / (1 + np.exp(2.0 - spread * dice.normal(0, 1, rows)))
    named = [f"{number}-{one}" for one in range(rows)]
    listeners = [f"l{one}" for one in dice.integers(0, 800, rows)]
    scores = pd.DataFrame({"impression": named, "listener": listeners, "probability": said})
    label = (dice.random(rows) < said * truth).astype("int64")
    return scores, scores[["impression", "listener"]].assign(label=label)


def judged(number, **planted):
    scores, examples = day(number, **planted)
    return judge_day([scores], [examples], CHAMPION, day=date(number))


def written(folder, found):
    paths = []
    for number, one in enumerate(found):
        paths.append(folder / f"{number}-{len(list(folder.iterdir()))}.json")
        paths[-1].write_text(json.dumps(one))
    return paths


def test_what_is_estimated_without_labels_is_what_comes_out_with_them():
    inside = 0
    for number in range(25):
        found = judged(number, rows=1500)
        told, real = found["estimated"], found["figures"]
        for figure in ("normalized_entropy", "auc", "log_loss"):
            inside += told[figure]["low"] <= real[figure]["value"] <= told[figure]["high"]
    assert 0.9 <= inside / 75 <= 0.99


def test_expected_figures_are_the_mean_of_those_over_all_labels():
    """By brute force: every labelling of four rows, weighted by how likely it is."""
    said = np.array([0.2, 0.5, 0.5, 0.9])
    rate = loss = pairs = ordered = 0.0
    for labels in np.ndindex(2, 2, 2, 2):
        labels = np.array(labels, dtype=float)
        chance = np.prod(np.where(labels, said, 1 - said))
        rate += chance * labels.mean()
        loss += chance * metrics.log_loss(labels, said)
        both = labels.sum() * (1 - labels).sum()
        if both:
            pairs += chance * both
            ordered += chance * both * metrics.auc(labels, said)
    found = expected(said)
    assert found[0] == pytest.approx(rate) and found[1] == pytest.approx(loss)
    assert found[3] == pytest.approx(ordered / pairs)


def test_an_uncertain_calibration_makes_the_estimate_less_sure():
    said = day(1)[0]["probability"].to_numpy()
    vague = {"center": 0.0, "level": 0.0, "covariance": [[0.01, 0.0], [0.0, 0.04]]}
    sure, unsure = estimated(said)["rate"], estimated(said, vague)["rate"]
    assert unsure["high"] - unsure["low"] > 3 * (sure["high"] - sure["low"])


def test_draws_of_listeners_are_the_same_on_every_day_and_in_every_shard():
    listeners = pd.Series([f"l{number}" for number in range(500)])
    together = resample_by_hash(listeners).totals(np.ones((500, 1)))
    halves = [resample_by_hash(half).totals(np.ones((250, 1)))
              for half in (listeners[:250], listeners[250:])]  # fmt: skip
    assert (together == halves[0] + halves[1]).all()
    assert 0.95 < together.mean() / 500 < 1.05 and 0.8 < together.var() / 500 < 1.25


def test_a_model_that_keeps_its_promises_raises_no_alarm(tmp_path):
    days = [judged(number) for number in range(8)]
    told = follow(days[-1], written(tmp_path, days[:-1]), family_name="f", night=date(8),
                  gates=GATES)  # fmt: skip
    assert told["alarms"] == [] and len(told["days"]) == 8
    ratio = told["week"]["ratio"]
    assert ratio["low"] < 1 < ratio["high"] and ratio["high"] - ratio["low"] < 0.12


def test_a_model_that_promises_too_much_is_told_with_how_much_and_since_when(tmp_path):
    days = [judged(number) for number in range(4)]
    days += [judged(number, truth=0.6) for number in range(4, 7)]
    told = follow(days[-1], written(tmp_path, days[:-1]), family_name="f", night=date(8),
                  gates=GATES)  # fmt: skip
    [alarm] = told["alarms"]
    assert (alarm["kind"], alarm["runbook"]) == ("calibration", "calibration")
    assert "times the answers that came" in alarm["sentence"]
    assert f"since {date(4)}" in alarm["sentence"] and "allowed 0.85 to 1.18" in alarm["sentence"]


def test_a_handful_of_answers_raises_no_alarm():
    few = judged(1, truth=0.1, rows=600)
    assert few["positives"] < 30 and few["figures"]["calibration_ratio"]["value"] > 3
    assert follow(few, None, family_name="f", night=date(2), gates=GATES)["alarms"] == []


def test_a_listener_who_was_forgotten_since_is_in_no_figure():
    scores, examples = day(3)
    kept = examples[examples["listener"] != "l7"]
    found = judge_day([scores], [kept], CHAMPION, day=date(3))
    assert found["rows"] == len(kept) < ROWS
    assert "l7" not in json.dumps(found)


def test_labels_that_are_not_there_are_not_answers_that_did_not_come():
    scores, examples = day(3)
    absent = examples.assign(label=examples["label"].astype("Int64").where(examples.index > 999))
    found = judge_day([scores], [absent], CHAMPION, day=date(3))
    assert found["rows"] == ROWS - 1000


def test_a_night_whose_scores_tell_less_apart_is_expected_to_do_worse(tmp_path):
    nights = [count_scores([day(number)[0]], CHAMPION, day=date(number)) for number in range(9)]
    before = written(tmp_path, nights[:-1])
    usual = performance(nights[-1], before, family_name="f", night=date(8))
    assert usual["alarms"] == [] and len(usual["days"]) == 9
    flat = count_scores([day(9, spread=0.3)[0]], CHAMPION, day=date(9))
    [alarm] = performance(flat, before, family_name="f", night=date(9))["alarms"]
    assert alarm["kind"] == "performance" and "expected to do worse" in alarm["sentence"]


def test_a_day_that_turned_out_worse_than_estimated_is_told(tmp_path):
    broken = judged(1)
    scores, examples = day(1)
    labels = np.random.default_rng(5).permutation(examples["label"])
    broken = judge_day([scores], [examples.assign(label=labels)], CHAMPION, day=date(1))
    tonight = count_scores([day(2)[0]], CHAMPION, day=date(2))
    found = performance(tonight, None, broken, None, family_name="f", night=date(2))
    [alarm] = found["alarms"]
    assert "turned out worse than its probabilities promised: AUC" in alarm["sentence"]
    assert found["covered"] == {"days": 1, "inside": 0}
    fine = performance(tonight, None, judged(1), None, family_name="f", night=date(2))
    assert fine["alarms"] == [] and fine["covered"] == {"days": 1, "inside": 1}


def test_a_family_whose_labels_come_with_the_day_is_judged_by_its_evaluation():
    figure = {"value": 0.12, "low": 0.09, "high": 0.15}
    evaluated = {"evaluation.json": {
        "rows": 900, "listeners": 450, "comparison": {"champion_day": "2026-01-02"},
        "metrics": {"model": {}, "champion": {"calibration_error": figure}}}}  # fmt: skip
    one = judge_evaluated(evaluated, day=date(5))
    told = follow(one, None, family_name="user_segmentation", night=date(5),
                  gates=FAMILIES["user_segmentation"].gates)  # fmt: skip
    [alarm] = told["alarms"]
    assert "was off by 0.120 on average" in alarm["sentence"]


def test_a_champion_is_stale_beyond_its_shelf_life_and_not_before():
    live = {"live.json": {"live_day": str(date(0))}}
    fresh = check_champion(live, family_name="f", night=date(14), shelf_life=14)
    assert fresh["alarms"] == [] and fresh["age_days"] == 14
    [alarm] = check_champion(live, family_name="f", night=date(15), shelf_life=14)["alarms"]
    assert (alarm["kind"], alarm["runbook"]) == ("stale champion", "stale-champion")
    assert "15 days old" in alarm["sentence"] and "14 days" in alarm["sentence"]
