"""How well a lookalike finds the listeners on a list, by decile of score, and what it is about."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd

from ml.intervals import wilson
from ml.metrics import auc, calibration_error, calibration_ratio, number
from ml.segments.vocabulary import label, word
from ml.uncertainty import TWO_SIDED_95

DECILES = 10
REASONS = 8
AUDIBLE = 0.2
"""A contrast (in spreads over all listeners) below which a feature says nothing about the list."""


def quality(listeners: pd.Series, is_seed: np.ndarray, scores: np.ndarray) -> dict:
    """``base_rate``, ``deciles``, and single figures over all scored listeners, seeds and others.

    A decile's precision is the share of seeds among its listeners, with Wilson's 95 % interval;
    its lift is over the base rate. ``falls`` says that no decile has a higher precision than one
    before it, ``rises`` that one surely has (their intervals are apart), ``better_than_chance``
    that seeds are surely scored higher than others (two-sided at 95 %, Mann and Whitney 1947).
    """
    base = float(is_seed.mean())
    deciles = [_decile(number_, rows, is_seed, base)
               for number_, rows in enumerate(_tenths(listeners, scores), 1)]  # fmt: skip
    precision = [one["precision"] for one in deciles]
    above, chance = auc(is_seed, scores), auc_by_chance(int(is_seed.sum()), int((~is_seed).sum()))
    return {
        "base_rate": number(base),
        "auc": number(above),
        "better_than_chance": above > 0.5 + TWO_SIDED_95 * chance,
        "average_precision": number(average_precision(is_seed, scores)),
        "calibration_ratio": number(calibration_ratio(is_seed, scores)),
        "calibration_error": number(calibration_error(is_seed, scores)),
        "deciles": deciles,
        "falls": all(b <= a for a, b in pairwise(precision)),
        "rises": any(
            later["low"] > sooner["high"]
            for at, later in enumerate(deciles)
            for sooner in deciles[:at]
        ),
    }


def average_precision(labels: np.ndarray, scores: np.ndarray) -> float:
    """The mean precision at each positive, from the best score down; equal scores count at once.

    >>> round(average_precision(np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])), 9)
    0.833333333
    """
    _, group = np.unique(-scores, return_inverse=True)
    rows, hits = np.bincount(group), np.bincount(group, weights=labels)
    precision = np.cumsum(hits) / np.cumsum(rows)
    return float((precision * hits).sum() / hits.sum()) if hits.sum() else float("nan")


def auc_by_chance(seeds: int, others: int) -> float:
    """The spread of the AUC, around one half, of scores drawn by lot.

    >>> auc_by_chance(1, 1) * 2
    1.0
    """
    return math.sqrt((seeds + others + 1) / (12 * seeds * others))


def reasons(rows: pd.DataFrame, is_seed: np.ndarray, features: list[str]) -> list[dict]:
    """What the list is about: features whose mean among seeds is furthest from everybody's.

    At most REASONS, loudest first, each ``feature``, ``label`` (words), ``seeds_value``,
    ``overall`` and ``contrast``, the distance in spreads over everybody.
    """
    values = rows[[name for name in features if _can_be_said(name)]].astype(float)
    overall, spread = values.mean(), values.std(ddof=0)
    own = values[is_seed.astype(bool)].mean()
    contrast = ((own - overall) / spread.where(spread > 0)).dropna()
    loudest = sorted(
        ((str(name), float(away)) for name, away in contrast.items()),
        key=lambda item: (-abs(item[1]), item[0]),
    )
    return [
        {
            "feature": name,
            "label": label(name, away),
            "seeds_value": number(own[name]),
            "overall": number(overall[name]),
            "contrast": number(away),
        }
        for name, away in loudest[:REASONS]
        if abs(away) >= AUDIBLE
    ]


def _tenths(listeners: pd.Series, scores: np.ndarray) -> list[np.ndarray]:
    """Positions of ten equal parts, best scores first; equal scores by pseudonym."""
    order = np.lexsort((pd.factorize(listeners, sort=True)[0], -scores))
    return np.array_split(order, DECILES)


def _decile(decile: int, rows: np.ndarray, is_seed: np.ndarray, base: float) -> dict:
    seeds = int(is_seed[rows].sum())
    precision = seeds / len(rows) if len(rows) else 0.0
    low, high = wilson(precision, len(rows))
    return {
        "decile": decile,
        "listeners": len(rows),
        "seeds": seeds,
        "precision": number(precision),
        "low": number(low),
        "high": number(high),
        "lift": number(precision / base),
    }


def _can_be_said(feature: str) -> bool:
    """Whether there are words for more of a feature, or for less."""
    return any(word(feature, way)[1] for way in (1.0, -1.0))
