"""What is said of a night's results in one sentence, and how far long work says it has come."""

import doctest
import logging

import pandas as pd
import pytest

from ml import told
from ml.progress import part_of, progress


def judged(entropy=0.912, change=None, ratio=1.034):
    metrics = {"normalized_entropy": {"value": entropy}, "calibration_ratio": {"value": ratio}}
    comparison = change and {"champion_day": "2026-02-03", "difference": {"value": change}}
    return {"metrics": {"model": metrics}, "rows": 1556, "comparison": comparison}


@pytest.mark.parametrize("change, says", [
    (-0.0041, ", 0.004 better than the champion of 2026-02-03"),
    (0.02, ", 0.020 worse than the champion of 2026-02-03"), (None, ""),
])  # fmt: skip
def test_an_evaluation_says_its_figure_its_change_and_its_calibration(change, says):
    assert told.evaluation(judged(change=change)) == (
        f"normalized entropy 0.912{says}, calibration 1.03, on 1,556 rows")


def test_an_evaluation_of_nothing_says_so_and_has_no_figures():
    nothing = judged(entropy=None, ratio=None)
    assert told.evaluation(nothing) == "nothing to judge" and told.figures(nothing) == {}


def test_figures_that_are_kept_are_finite_numbers_alone():
    kept = told.figures(judged(ratio=float("inf"), change=-0.5))
    assert kept == {"normalized_entropy": 0.912, "change": -0.5}


def test_a_decision_says_what_it_was_refused_for_or_how_many_gates_it_passed():
    refused = {"verdict": "refused", "reasons": ["calibration 1.12 in market DE", "too few rows"]}
    assert told.decision(refused) == "refused: calibration 1.12 in market DE; too few rows"
    blessed = {"verdict": "blessed", "reasons": [], "gates": [{}, {}]}
    assert told.decision(blessed) == "blessed: all of 2 gates passed; live from tonight"


def test_examples_without_rows_or_of_many_classes_have_no_positives():
    assert told.examples(pd.DataFrame({"label": []})) == "0 examples"
    assert told.examples(pd.DataFrame({"label": [0, 3]})) == "2 examples"


def test_calibration_says_how_and_what_was_wrong_before():
    fitted = {"method": "platt", "rows": 1172, "calibration_ratio": {"before": 1.02}}
    assert told.calibration({"calibration.json": fitted}) == (
        "slope and level from 1,172 rows, promised over observed 1.02 before")
    left = {"method": "identity", "rows": 3, "notes": ["too few rows"]}
    assert told.calibration({"calibration.json": left}) == (
        "scores are left as they are; too few rows")


def test_the_group_of_features_that_is_worth_most_is_named():
    groups = [{"group": name, "normalized_entropy": {"value": worth}}
              for name, worth in (("the moment", 0.003), ("taste", 0.02), ("ads", None))]
    assert told.feature_groups({"groups": groups, "notes": []}) == (
        "3 groups left out in turn; most is lost without taste (normalized entropy +0.020)")
    assert told.feature_groups({"groups": [], "notes": ["no rows"]}) == "no rows"


def test_a_part_of_long_work_moves_the_bar_within_its_own_share(caplog):
    progress("begun", 0.0)
    with part_of(1, 4):
        progress("half of the second quarter", 0.5)
        with part_of(0, 2):
            progress("all of its first half", 1.0)
    progress("beyond", 7.0)
    assert [one.percent for one in caplog.records] == [0, 37, 37, 100]
    assert {one.levelno for one in caplog.records} == {logging.INFO}


def test_the_examples_in_docstrings_are_true():
    assert doctest.testmod(told).failed == 0 and doctest.testmod(told).attempted == 2
