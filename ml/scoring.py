"""Score what may happen next with the model that is live, and say which features spoke for it.

Reasons come from TreeSHAP contributions, which cost over a hundred times a prediction (measured:
0.26 ms a row for 65 binary trees, 1.2 ms for 480 trees of 8 classes, against 0.002 and 0.005), so
only the best-scored rows of a frame get them.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ml.calibration import calibrated, interval, predict, uncalibrated
from ml.encoding import encode
from ml.family import ModelRecipe
from ml.training import THREADS

REASONED_ROWS = 10_000
"""Rows of a frame whose reasons are computed: the best scored, so at most some 10 CPU seconds."""

REASONS = 3


def score(
    live: dict,
    candidates: pd.DataFrame,
    *,
    recipe: ModelRecipe,
    keys: tuple[str, ...],
    model_version: str | None = None,
    reasoned_rows: int = REASONED_ROWS,
    settle: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    scope: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """The keys of every candidate with ``score``, ``top_reasons`` and ``model_version``.

    ``score`` is the calibrated probability, with the bounds ``low`` and ``high`` of its 95 %
    interval (ml.calibration.interval); for several classes it is that of the most probable
    one, which ``segment`` names, and every class has its own ``probability_<name>`` column.
    ``top_reasons`` names up to three features that raised the score most, "" beyond the
    ``reasoned_rows`` best rows. Without a live model the same leading columns, and no rows.
    ``settle`` is what the family still decides about its scores, ``scope`` which candidates it
    can speak about.
    """
    candidates = candidates if scope is None else scope(candidates)
    candidates = candidates if "model.txt" in live else candidates[:0]
    classes = (live["card.json"]["classes"] if "card.json" in live else None) or []
    scored = candidates[list(keys)].reset_index(drop=True)
    if recipe.objective == "multiclass":
        empty = np.zeros((0, 0))
        probabilities = predict(live, live, candidates, recipe) if len(candidates) else empty
        scored = scored.assign(**class_columns(probabilities, classes))
        chosen = probabilities.argmax(axis=1) if len(classes) else None
    else:
        scored, chosen = scored.assign(**_binary(live, candidates)), None
    reasons = top_reasons(live, candidates, scored["score"], chosen, reasoned_rows)
    version = model_version or live["live.json"]["live_day"] or ""
    scored["top_reasons"] = pd.Series(reasons, index=scored.index, dtype="str")
    scored["model_version"] = pd.Series(version, index=scored.index, dtype="str")
    return settle(scored) if settle is not None else scored


def _binary(live: dict, candidates: pd.DataFrame) -> dict[str, np.ndarray]:
    if candidates.empty:
        return {name: np.zeros(0) for name in ("score", "low", "high")}
    raw, fitted = uncalibrated(live, candidates), live["calibration.json"]
    low, high = interval(raw, fitted)
    return {"score": calibrated(raw, fitted), "low": low, "high": high}


def class_columns(probabilities: np.ndarray, classes: list[str]) -> dict[str, pd.Series]:
    """``score``, ``segment`` and ``probability`` of the best class, and each class's probability.

    ``probabilities`` are (rows, classes).
    """
    best = pd.Series(probabilities.max(axis=1, initial=0), dtype="float64")
    named = np.array(classes, dtype=object)[probabilities.argmax(axis=1)] if classes else []
    each = {f"probability_{n}": pd.Series(p) for n, p in zip(classes, probabilities.T, strict=True)}
    return {"score": best, "segment": pd.Series(named, dtype="str"), "probability": best, **each}


def top_reasons(
    live: dict,
    candidates: pd.DataFrame,
    scores: pd.Series,
    chosen: np.ndarray | None,
    reasoned_rows: int,
) -> np.ndarray:
    """Comma-separated names of the features that raised the score (of the chosen class) most."""
    reasons = np.full(len(candidates), "", dtype=object)
    best = np.argsort(-scores.to_numpy(), kind="stable")[:reasoned_rows]
    if len(best) == 0:
        return reasons
    names = np.array(live["card.json"]["features"], dtype=object)
    raised = contributions(live, candidates.iloc[best], None if chosen is None else chosen[best])
    order = np.argsort(-raised, axis=1, kind="stable")[:, :REASONS]
    reasons[best] = [
        ", ".join(names[column] for column in columns if row[column] > 0)
        for row, columns in zip(raised, order, strict=True)
    ]
    return reasons


def contributions(live: dict, rows: pd.DataFrame, chosen: np.ndarray | None) -> np.ndarray:
    """What each feature added to the log odds, or to the chosen class's score: (rows, features)."""
    import lightgbm

    booster = lightgbm.Booster(model_str=live["model.txt"])
    matrix = encode(rows, live["card.json"])
    each = np.asarray(booster.predict(matrix, pred_contrib=True, num_threads=THREADS))
    if chosen is None:
        return each[:, :-1]
    by_class = each.reshape(len(rows), -1, matrix.shape[1] + 1)
    return by_class[np.arange(len(rows)), chosen, :-1]
