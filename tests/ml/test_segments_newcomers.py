"""How soon a newcomer is known."""

import numpy as np
import pandas as pd
from planted_responses import NIGHT

from ml.calibration import fit_calibration
from ml.evaluation import evaluate
from ml.family import ModelRecipe
from ml.segments.newcomers import curve
from ml.training import fit

RECIPE = ModelRecipe(
    objective="multiclass",
    features=("hour",),
    parameters=(("num_leaves", 4), ("min_data_in_leaf", 20)),
    rounds=20,
    patience=5,
)


def listeners(seed: int) -> pd.DataFrame:
    """Three kinds by the hour they listen at; after one session a third looks like another."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 3, 3000)
    evidence = np.array(["1 session", "3 sessions", "28 days"])[random.integers(0, 3, 3000)]
    blurred = random.random(3000) < pd.Series(evidence).map(
        {"1 session": 0.5, "3 sessions": 0.2, "28 days": 0.02}
    )
    hour = np.where(blurred, random.integers(0, 3, 3000), label) * 8.0 + random.random(3000)
    frame = pd.DataFrame(
        {
            "listener": [f"l{number}" for number in range(3000)],
            "moment": pd.Timestamp(NIGHT),
            "label": label,
            "class_name": pd.Series(label).map({0: "s1", 1: "s2", 2: "s3"}),
            "hour": hour,
            "evidence": evidence,
            "part": np.array(["train", "stop", "test"])[random.integers(0, 3, 3000)],
        }
    )
    return frame.astype(dict.fromkeys(("listener", "class_name", "evidence", "part"), "str"))


def test_a_newcomer_is_better_known_with_every_session():
    rows = [listeners(1)]
    model = fit(rows, rows, recipe=RECIPE)
    judged = evaluate(
        model, fit_calibration(model, rows, recipe=RECIPE), rows, family_name="user_segmentation",
        night=NIGHT, test_days=[NIGHT], recipe=RECIPE, slices=("evidence",), minimum_rows=100,
    )  # fmt: skip
    points = curve(judged["evaluation.json"])["points"]
    assert [one["evidence"] for one in points] == ["1 session", "3 sessions", "28 days"]
    accuracies = [one["accuracy"] for one in points]
    assert accuracies[0]["high"] < accuracies[1]["low"] < accuracies[1]["high"]
    assert accuracies[1]["value"] < accuracies[2]["value"]
    assert all(one["calibration_error"]["low"] is not None for one in points)


def test_views_with_too_few_rows_are_said_to_have_too_few():
    note = "Too few rows (below 500) to judge by evidence: 1 session."
    assert curve({"slices": [], "notes": [note, "Another note."]}) == {
        "points": [], "notes": [note]
    }  # fmt: skip


def test_a_family_without_views_says_that_nothing_was_measured():
    assert "no test row says how much was seen" in curve({"slices": []})["notes"][0]


def test_days_come_after_sessions_and_what_was_not_measured_stays_unknown():
    slices = [{"slice": "evidence", "value": seen, "rows": 9}
              for seen in ("28 days", "last day", "3 sessions", "last 7 days")]  # fmt: skip
    points = curve({"slices": slices})["points"]
    assert [one["evidence"] for one in points] == [
        "3 sessions", "last day", "last 7 days", "28 days"
    ]  # fmt: skip
    assert points[0]["accuracy"] == {"value": None, "low": None, "high": None}
