"""What each group of features is worth: the model trained again without it.

The share of gain that a booster reports says what it used; two features that say the same share
it by accident. Leaving a whole group out says what would be lost (LeCun et al. 1990 of weights,
McMahan et al. 2013, section 7, of the features of ad models). Every refit has the live recipe,
the number of rounds that was chosen for the whole model, and its own calibration, so that the
difference on the frozen test rows is the group's.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.baselines import named_columns
from ml.calibration import fit_calibration, predict
from ml.evaluation import of_known_classes
from ml.family import ModelRecipe
from ml.intervals import Resampling, auc_draws, difference_figure, interval, resample
from ml.metrics import auc
from ml.progress import part_of, progress
from ml.sampling import lottery, part, thin_negatives
from ml.training import fit

MOST_ROWS = 200_000
"""Rows a refit learns from, drawn by lottery: a night has to end."""

Groups = tuple[tuple[str, tuple[str, ...]], ...]


def measure(
    model: dict,
    train: list[pd.DataFrame],
    stop: list[pd.DataFrame],
    test: list[pd.DataFrame],
    *,
    recipe: ModelRecipe,
    groups: Groups,
    most_rows: int = MOST_ROWS,
    draws: int = 200,
    seed: int = 7,
) -> dict:
    """Per group, normalized entropy and AUC without it minus with it, on the same test rows.

    Above zero in normalized entropy, below zero in AUC: the group is worth having. Intervals are
    95 %, by listener. A model that was not trained, and test days without rows, give no groups
    and a note. Groups of which this source brings no value are left out.
    """
    card, judged = model["card.json"], part(test, "test")
    if "model.txt" not in model or judged.empty:
        return {"groups": [], "notes": [card.get("untrained") or "There were no test rows."]}
    learnt, watched = part(train, "train"), part(stop, "stop")
    used = at_most(learnt, recipe, most_rows)
    judged, _ = of_known_classes(judged, card)
    rounds = card["best_iteration"]

    def predicted(features: list[str]) -> np.ndarray:
        wanted = replace(
            recipe, features=tuple(features), open_features=(), rounds=rounds, patience=rounds
        )
        refit = fit([used], [watched], recipe=wanted)
        return predict(refit, fit_calibration(refit, [watched], recipe=wanted), judged, wanted)

    labels = judged["label"].to_numpy(dtype=np.int64)
    drawn = resample(judged["listener"], draws, seed)
    whole = predicted(card["features"])
    found = []
    for position, (name, wanted) in enumerate(groups):
        progress(f"training without {name}", position / len(groups))
        members = set(named_columns(wanted, judged)) & set(card["features"])
        if not _known(members, card):
            continue
        left = [feature for feature in card["features"] if feature not in members]
        if left:
            with part_of(position, len(groups)):
                without = predicted(left)
            change = _change(labels, without, whole, drawn)
            found.append({"group": name, "features": sorted(members), **change})
    return {"groups": found, "rows": len(used), "rows_of": len(learnt), "rounds": rounds,
            "notes": []}  # fmt: skip


def at_most(learnt: pd.DataFrame, recipe: ModelRecipe, rows: int) -> pd.DataFrame:
    """A share of the rows, such that about ``rows`` are left when negatives are thinned."""
    thinned = len(thin_negatives(learnt, recipe))
    if thinned <= rows:
        return learnt
    kept = lottery(learnt, recipe.seed + 1) < rows / thinned
    return learnt[kept].reset_index(drop=True)


def _known(members: set[str], card: dict) -> bool:
    """Whether any of the features had a value in training (the last share is of missing ones)."""
    profiles = card["profile"]["features"]
    return any(profiles[name]["shares"][-1] < 1 for name in members)


def _change(labels, without, whole, drawn: Resampling) -> dict:
    change = {"normalized_entropy": difference_figure(labels, without, whole, drawn)}
    if whole.ndim > 1:
        return change
    draws = auc_draws(labels, without, drawn) - auc_draws(labels, whole, drawn)
    value = auc(labels, without) - auc(labels, whole)
    return {**change, "auc": interval(value, draws)}


def in_no_group(features: list[str], groups: Groups) -> list[str]:
    """Features that are in none of the groups, or in more than one.

    >>> in_no_group(["hour", "plays", "attr_x"], (("moment", ("hour",)), ("source", ("attr_*",))))
    ['plays']
    """
    frame = pd.DataFrame(columns=features)
    members = [name for _, wanted in groups for name in named_columns(wanted, frame)]
    return [feature for feature in features if members.count(feature) != 1]
