"""What a model must be better than: predictors learnt on the same days, without its history.

A family declares them (`Baseline`). All are fitted once a night and predict the same frozen test
rows, so that the evaluation reads predictions and knows nothing of how they came about.
"""

import numpy as np
import pandas as pd

from ml.family import Baseline
from ml.hashed_regression import hashed_regression
from ml.plain_trees import plain_trees
from ml.sampling import part

MODELS = {"logistic": hashed_regression, "trees": plain_trees}


def stand_beside(
    train: list[pd.DataFrame],
    stop: list[pd.DataFrame],
    test: list[pd.DataFrame],
    *,
    baselines: tuple[Baseline, ...],
) -> dict:
    """``predictions.parquet``, a column per baseline in the canonical order of the test rows.

    And ``baselines.json``, whose ``notes`` say which were not computed and why: columns that the
    examples lack, days without examples, labels that are all alike.
    """
    learnt, watched, judged = part(train, "train"), part(stop, "stop"), part(test, "test")
    predictions, notes = {}, []
    for baseline in baselines:
        columns = named_columns(baseline.columns, learnt)
        if reason := _impossible(columns, learnt, watched, judged):
            notes.append(f"The baseline {baseline.name} {reason}: not computed.")
        elif baseline.kind == "rates":
            predictions[baseline.name] = smoothed_rates(learnt, judged, columns)
        else:
            pairs = tuple(pair for pair in baseline.pairs if set(pair) <= set(columns))
            fitted = MODELS[baseline.kind](learnt, watched, judged, columns, pairs)
            predictions[baseline.name] = fitted
    frame = pd.DataFrame(predictions, index=range(len(judged)), dtype="float64")
    return {"predictions.parquet": frame, "baselines.json": {"notes": notes}}


def named_columns(wanted: tuple[str, ...], frame: pd.DataFrame) -> tuple[str, ...]:
    """The wanted columns; one that ends in ``*`` stands for all that begin so, sorted.

    >>> named_columns(("ad", "attr_*"), pd.DataFrame(columns=["attr_b", "attr_a", "ad"]))
    ('ad', 'attr_a', 'attr_b')
    """
    found: list[str] = []
    for name in wanted:
        begins = name.removesuffix("*")
        open_ended = sorted(column for column in frame.columns if column.startswith(begins))
        found += open_ended if name.endswith("*") else [name]
    return tuple(dict.fromkeys(found))


def _impossible(columns: tuple[str, ...], learnt, watched, judged) -> str:
    """Why a baseline cannot be learnt, in words; "" when it can."""
    if learnt.empty or watched.empty:
        return "has no examples to learn from or to stop on"
    missing = [name for name in columns if not all(name in f for f in (learnt, watched, judged))]
    if missing:
        return f"needs {', '.join(missing)}"
    if learnt["label"].nunique() < 2 or watched["label"].nunique() < 2:
        return "found labels that are all alike"
    return ""


def smoothed_rates(
    learnt: pd.DataFrame, judged: pd.DataFrame, columns: tuple[str, ...]
) -> np.ndarray:
    """The rate of each judged row's group on the training days, smoothed toward the base rate.

    A group without training rows has the base rate. How strongly the others are drawn to it is
    itself learnt (empirical Bayes): the less the groups differ, the more.
    """
    groups = learnt.groupby(list(columns), observed=True)["label"].agg(["sum", "size"])
    base = learnt["label"].sum() / len(learnt)
    strength = prior_strength(groups["sum"].to_numpy(), groups["size"].to_numpy())
    rates = (groups["sum"] + strength * base) / (groups["size"] + strength)
    found = judged[list(columns)].merge(
        rates.rename("rate").reset_index(), on=list(columns), how="left"
    )
    return found["rate"].fillna(base).to_numpy(dtype=float)


def prior_strength(positives: np.ndarray, rows: np.ndarray) -> float:
    """How many rows at the base rate each group is given (moments of the beta-binomial).

    Two groups that agree exactly are one group, and the prior wins by far:

    >>> prior_strength(np.array([10, 10]), np.array([100, 100]))
    1000000.0
    >>> prior_strength(np.array([1, 99]), np.array([100, 100])) < 2
    True
    """
    total, groups = rows.sum(), len(rows)
    base = positives.sum() / total
    noise = base * (1 - base)
    squares = (rows * (positives / rows - base) ** 2).sum()
    spread = (squares - groups * noise) / max(total - groups, 1)
    return float(np.clip(noise / spread - 1, 1.0, 1e6)) if spread > 0 else 1e6


def class_shares(rates: list[float], rows: int) -> np.ndarray:
    """The training days' share of each class, for every row; shape (rows, classes)."""
    return np.tile(np.asarray(rates, dtype=float), (rows, 1))


def most_frequent(rates: list[float], rows: int) -> np.ndarray:
    """Certainty that every row is of the most frequent class; shape (rows, classes)."""
    certain = np.zeros((rows, len(rates)))
    certain[:, int(np.argmax(rates))] = 1.0
    return certain
