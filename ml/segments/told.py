"""How much a grouping tells about an answer, beside what it would seem to tell by chance."""

import numpy as np
import pandas as pd

from ml.metrics import entropy, number

SHUFFLES = 200


def told_by(
    labels: np.ndarray, groups: pd.Series, listeners: pd.Series, seed: int
) -> dict | None:
    """The share of the answers' entropy that the groups explain, and the most chance explains.

    It is the mutual information over the entropy of the labels (the uncertainty coefficient,
    Theil 1970): 0 tells nothing, 1 all. Any grouping of few rows seems to tell something, so
    ``by_chance`` is the 95th percentile when whole listeners (their segments of all rows) change
    places at random; above it, the groups tell ``surely`` something. None where all answers are
    alike or there is one group only.

    >>> everyone = pd.Series(["a", "b", "c", "d"])
    >>> told_by(np.array([0, 0, 1, 1]), pd.Series(list("xxyy")), everyone, 7)["explained"]
    1.0
    """
    codes, names = pd.factorize(groups, sort=True)
    whole = entropy(labels.mean()) if len(labels) else np.nan
    if len(names) < 2 or not whole > 0:
        return None
    people, unique = pd.factorize(listeners, sort=True)
    of_listener = np.zeros(len(unique), dtype=np.int64)
    # A listener who changed segment between two test days counts to the later in the shuffles.
    of_listener[people] = codes
    generator = np.random.default_rng(seed)
    chance = [
        _explained(labels, generator.permutation(of_listener)[people], len(names), whole)
        for _ in range(SHUFFLES)
    ]
    value, bound = _explained(labels, codes, len(names), whole), np.percentile(chance, 95)
    return {
        "explained": number(value),
        "by_chance": number(bound),
        "surely": bool(value > bound),
    }


def _explained(labels: np.ndarray, codes: np.ndarray, groups: int, whole: float) -> float:
    rows = np.bincount(codes, minlength=groups)
    answered = np.bincount(codes, weights=labels, minlength=groups)
    rate = np.divide(answered, rows, out=np.zeros(groups), where=rows > 0)
    inside = (rate > 0) & (rate < 1)
    within = np.zeros(groups)
    kept = rate[inside]
    within[inside] = -(kept * np.log(kept) + (1 - kept) * np.log1p(-kept))
    return float(max(1 - (rows * within).sum() / len(labels) / whole, 0.0))
