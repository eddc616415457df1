"""What a model must be better than: predictions that need no model."""

import numpy as np
import pandas as pd


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
