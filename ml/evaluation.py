"""How good a model is on days it never saw, beside what needs no model and what is live now.

All stand on the same frozen test examples and the same draws of listeners, so their differences
are differences between models. A champion predicts with its own card and calibration.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml import metrics
from ml.baselines import class_shares, most_frequent
from ml.calibration import predict
from ml.curves import curves as curves_along
from ml.delivery import delivery
from ml.drift import since_trained
from ml.family import ModelRecipe
from ml.intervals import (
    Resampling,
    binary_figures,
    class_figures,
    difference_figure,
    interval,
    resample,
)
from ml.progress import progress
from ml.sampling import part
from ml.slices import Group, slices_of

FIGURES = {"binary": binary_figures, "multiclass": class_figures}


def evaluate(
    model: dict,
    calibration: dict,
    test: list[pd.DataFrame],
    baselines: dict | None = None,
    champion: dict | None = None,
    *,
    family_name: str,
    night: dt.date,
    test_days: list[dt.date],
    recipe: ModelRecipe,
    slices: tuple[str, ...] = (),
    curves: tuple[tuple[str, str], ...] = (),
    draws: int = 200,
    seed: int = 7,
    minimum_rows: int = 500,
) -> dict:
    """``evaluation.json``: figures with 95 % intervals, by slice, and against the champion.

    ``baselines`` are what ``ml.baselines`` predicted for the same rows, ``champion`` is a live
    bundle as ``gates.read_live`` reads it; either may be None. Slices of fewer than
    ``minimum_rows`` rows are noted, not judged. A test day without rows has figures of None, and
    so has a model that was not trained.
    """
    judged = part(test, "test")
    asked = {
        "family": family_name,
        "day": night.isoformat(),
        "test_days": [day.isoformat() for day in test_days],
        "objective": recipe.objective,
    }
    if "model.txt" not in model:
        found = _counts(judged, recipe) | _unjudged(judged, model["card.json"], recipe)
        return {"evaluation.json": asked | found}
    judged, notes = of_known_classes(judged, model["card.json"])
    labels = judged["label"].to_numpy(dtype=np.int64)
    drawn = resample(judged["listener"], draws, seed)
    progress("scoring the test rows", 0.0)
    predictions = {"model": predict(model, calibration, judged, recipe)}
    standing, skipped = _baselines(model["card.json"], judged, baselines)
    predictions |= standing
    opponent, reason = _opponent(model, champion, judged, recipe)
    predictions |= {} if opponent is None else {"champion": opponent}
    progress("comparing what was foretold with what came", 0.3)
    groups, small = slices_of(judged, slices, minimum_rows)
    along, short = _curves(judged, labels, predictions["model"], drawn, curves, recipe)
    progress("figures, slices and drift", 0.6)
    return {
        "evaluation.json": {
            **asked,
            **_counts(judged, recipe),
            "metrics": _metrics(labels, predictions, drawn, recipe),
            "slices": _by_slice(labels, predictions["model"], drawn, groups, recipe),
            **_shapes(labels, predictions["model"], recipe),
            "curves": along,
            "drift": {
                name: since_trained(judged, predictions[name], made, mapped)
                for name, made, mapped in (
                    ("model", model, calibration),
                    ("champion", champion or {}, champion or {}),
                )
                if name in predictions
            },
            "delivery": delivery(judged, predictions["model"], drawn),
            "importance": model["card.json"]["importance"],
            "beside": _beside(labels, predictions["model"], standing, drawn, recipe),
            "comparison": _comparison(labels, predictions, drawn, groups, champion),
            "classes": model["card.json"]["classes"],
            "notes": _notes(model, calibration) + notes + skipped + small + short + reason,
        }
    }


def _unjudged(judged: pd.DataFrame, card: dict, recipe: ModelRecipe) -> dict:
    """What is known of a model that was not trained: figures of None, and the reason."""
    labels = np.zeros(0, dtype=np.int64)
    predicted = np.zeros((0, 2) if recipe.objective == "multiclass" else 0)
    drawn = resample(judged["listener"][:0], 1, 0)
    return {
        "metrics": _metrics(labels, {"model": predicted}, drawn, recipe),
        "slices": [],
        **_shapes(labels, predicted, recipe),
        "curves": [],
        "drift": {},
        "delivery": [],
        "importance": [],
        "beside": {},
        "comparison": None,
        "classes": None,
        "notes": [card["untrained"]],
    }


def _counts(judged: pd.DataFrame, recipe: ModelRecipe) -> dict:
    counts = {"rows": len(judged), "listeners": int(judged["listener"].nunique())}
    if recipe.objective == "multiclass":
        return {**counts, "positives": None, "base_rate": None}
    labels = judged["label"]
    rate = metrics.number(labels.mean() if len(labels) else np.nan)
    return {**counts, "positives": int(labels.sum()), "base_rate": rate}


def _metrics(labels, predictions: dict, drawn: Resampling, recipe: ModelRecipe) -> dict:
    judge = FIGURES[recipe.objective]
    figures = {name: judge(labels, predicted, drawn) for name, predicted in predictions.items()}
    if "most frequent class" in figures:
        # Certainty has no finite log loss; only how often it is right means something.
        only = {"accuracy": figures["most frequent class"]["accuracy"]}
        figures["most frequent class"] = {
            name: only.get(name, interval(np.nan)) for name in figures["most frequent class"]
        }
    return figures


def _shapes(labels, predicted, recipe: ModelRecipe) -> dict:
    if recipe.objective == "binary":
        return {
            "reliability": metrics.reliability(labels, predicted),
            "gain": metrics.gain_curve(labels, predicted),
            "confusion": None,
        }
    hit, sure = predicted.argmax(axis=1) == labels, predicted.max(axis=1, initial=0)
    return {
        "reliability": metrics.reliability(hit, sure),
        "gain": [],
        "confusion": metrics.confusion(labels, predicted),
    }


def _by_slice(labels, predicted, drawn: Resampling, groups: list[Group], recipe) -> list[dict]:
    binary = recipe.objective == "binary"
    return [
        {
            "slice": name,
            "value": value,
            "rows": int(rows.sum()),
            "positives": int(labels[rows].sum()) if binary else None,
            "metrics": FIGURES[recipe.objective](labels[rows], predicted[rows], drawn.rows(rows)),
        }
        for name, value, rows in groups
    ]


def _curves(judged, labels, predicted, drawn: Resampling, wanted, recipe: ModelRecipe):
    """Of a model of several classes, how often it is right and how sure it is."""
    if recipe.objective == "binary":
        return curves_along(judged, labels, predicted, drawn, wanted)
    hit, sure = predicted.argmax(axis=1) == labels, predicted.max(axis=1, initial=0)
    return curves_along(judged, hit, sure, drawn, wanted)


def _beside(labels, ours, standing: dict, drawn: Resampling, recipe: ModelRecipe) -> dict:
    """Normalized entropy of the model minus each baseline's, with intervals; binary models only."""
    if recipe.objective == "multiclass":
        return {}
    return {
        name: difference_figure(labels, ours, theirs, drawn) for name, theirs in standing.items()
    }


def _comparison(labels, predictions, drawn: Resampling, groups, champion) -> dict | None:
    """Challenger minus champion; below zero the challenger is better."""
    if "champion" not in predictions:
        return None
    ours, theirs = predictions["model"], predictions["champion"]
    return {
        "champion_day": champion["live.json"]["live_day"],
        "metric": "normalized_entropy",
        "difference": difference_figure(labels, ours, theirs, drawn),
        "slices": [
            {
                "slice": name,
                "value": value,
                "rows": int(rows.sum()),
                "difference": difference_figure(
                    labels[rows], ours[rows], theirs[rows], drawn.rows(rows)
                ),
            }
            for name, value, rows in groups
        ],
    }


def _baselines(card: dict, judged, baselines) -> tuple[dict[str, np.ndarray], list[str]]:
    if card["objective"] == "multiclass":
        rates, rows = card["class_rates"], len(judged)
        standing = {"base rate": class_shares(rates, rows)}
        return {**standing, "most frequent class": most_frequent(rates, rows)}, []
    standing = {"base rate": np.full(len(judged), card["base_rate"])}
    if baselines is None:
        return standing, []
    predicted = baselines["predictions.parquet"]
    standing |= {name: predicted[name].to_numpy() for name in predicted.columns}
    return standing, baselines["baselines.json"]["notes"]


def _opponent(model: dict, champion: dict | None, judged, recipe: ModelRecipe):
    """The champion's predictions, or None and the reason why there are none."""
    if champion is None or "model.txt" not in champion:
        return None, ["No model is live yet: there is no champion to compare with."]
    theirs, ours = champion["card.json"], model["card.json"]
    if (theirs["objective"], theirs["classes"]) != (ours["objective"], ours["classes"]):
        return None, ["The champion answers another question (its classes differ): not compared."]
    return predict(champion, champion, judged, recipe), []


def of_known_classes(judged: pd.DataFrame, card: dict) -> tuple[pd.DataFrame, list[str]]:
    """The rows whose class the model knows, and a note when there are others."""
    known = judged["label"] < len(card["classes"] or ("no", "yes"))
    if known.all():
        return judged, []
    note = f"{int((~known).sum()):,} test rows are of a class the model does not know: left out."
    return judged[known].reset_index(drop=True), [note]


def _notes(model: dict, calibration: dict) -> list[str]:
    return model["card.json"]["notes"] + calibration["calibration.json"]["notes"]
