"""Whether tonight's rows still look like those a model learnt from.

At training every feature is cut into about ten bins, and the share of rows in each goes into the
model's card. Later the same bins are counted on other rows, and compared by the population
stability index, the sum of (now - then) * ln(now / then) over the bins. The field's convention
(Siddiqi 2006, Credit Risk Scorecards, chapter on monitoring) reads below 0.1 as stable, up to 0.25
as a moderate shift, above as a large one.

Two things move it that are no drift. Few rows do, by about a chi-square of the bins over the
number of independent rows (Yurdakul 2018, Statistical Properties of the Population Stability
Index); one listener's rows resemble each other, so listeners count. And one day always differs
from many: it has one weekday, and one value of each ad's rate. So the profile keeps how far the
furthest training day was from all of them, and what is not further is called stable.
"""

import numpy as np
import pandas as pd

from ml.encoding import encode
from ml.metrics import number

MODERATE, LARGE = 0.1, 0.25
BINS, VALUES, FEW = 10, 20, 10
SAMPLE = 50_000
"""Rows that are looked at; every so-manyth of more, which is as good for shares of a tenth."""

FLOOR = 1e-4
"""The least share a bin is taken to have, so that an empty one has a logarithm; more among few
listeners, where half of one would be more."""


def since_trained(judged: pd.DataFrame, scores: np.ndarray, model: dict, calibration: dict) -> dict:
    """Tonight's rows and scores beside those that a model and its calibration were made of.

    ``features`` is None of a model that kept no profile, ``scores`` where nothing was calibrated.
    """
    card, listeners = model["card.json"], int(judged["listener"].nunique())
    known, kept = card.get("profile"), calibration["calibration.json"].get("scores")
    return {
        "train_days": card["train_days"],
        "features": drift(encode(judged, card), card, listeners, known) if known else None,
        "scores": drift_of_scores(scores, listeners, kept) if kept else None,
    }


def profile(
    matrix: np.ndarray, encoding: dict, listeners: int, days: np.ndarray, weights: np.ndarray
) -> dict:
    """``listeners`` and, per feature, the bins, the share of rows in each, and ``usual``.

    ``matrix`` is what ``ml.encoding.encode`` gives, ``days`` the number of each row's day from 0,
    ``weights`` undo a thinning of the rows. Numbers have ``cuts`` (a bin ends with its cut),
    categories the ``values`` seen most; the last share is of missing values. ``usual`` is the
    largest index of a single day beside all of them, 0 when there is one day only.
    """
    step = max(1, -(-len(matrix) // SAMPLE))
    rows, of, heavy = matrix[::step], np.asarray(days)[::step], np.asarray(weights)[::step]
    bins = {}
    for position, name in enumerate(encoding["features"]):
        column, words = rows[:, position], encoding["categorical"].get(name)
        found = {"cuts": _cuts(column)} if words is None else {"values": _values(column, words)}
        counts = _counts(column, found, words, heavy, of)
        shares = _shares(counts.sum(axis=0))
        floor = _floor(listeners)
        apart = [stability_index(shares, _shares(day), floor) for day in counts]
        usual = max(apart) if len(apart) > 1 else 0.0
        bins[name] = {**found, "shares": shares, "usual": number(usual)}
    return {"listeners": listeners, "features": bins}


def profile_of_scores(scores: np.ndarray, listeners: int) -> dict:
    """The same of a model's own scores: the probability, or that of the most probable class."""
    sure = scores if scores.ndim == 1 else scores.max(axis=1, initial=0)
    rows = len(sure)
    return profile(_column(sure), SCORES, listeners, np.zeros(rows, dtype=int), np.ones(rows))


SCORES: dict = {"features": ["score"], "categorical": {}}


def drift(matrix: np.ndarray, encoding: dict, listeners: int, then: dict) -> list[dict]:
    """Each feature of a profile: its index now, what is ``usual`` anyway, and a verdict.

    Largest index first. ``missing`` are the shares of missing values then and now.
    """
    rows = []
    for position, name in enumerate(encoding["features"]):
        was, words = then["features"][name], encoding["categorical"].get(name)
        one, once = np.ones(len(matrix)), np.zeros(len(matrix), dtype=int)
        now = _shares(_counts(matrix[:, position], was, words, one, once).sum(axis=0))
        floor = _floor(min(listeners, then["listeners"]))
        index = stability_index(was["shares"], now, floor)
        usual = max(by_chance(len(now), listeners, then["listeners"]), was["usual"])
        rows.append({
            "feature": name, "index": number(index), "usual": number(usual),
            "verdict": verdict(index, usual), "missing": [was["shares"][-1], now[-1]],
        })  # fmt: skip
    return sorted(rows, key=lambda row: (-(row["index"] or 0), row["feature"]))


def drift_of_scores(scores: np.ndarray, listeners: int, then: dict) -> dict:
    """The same of a model's scores, against ``profile_of_scores``."""
    sure = scores if scores.ndim == 1 else scores.max(axis=1, initial=0)
    return drift(_column(sure), SCORES, listeners, then)[0]


def stability_index(then: list[float], now: list[float], floor: float = FLOOR) -> float:
    """The population stability index of two lists of shares; nan without any row.

    >>> stability_index([0.5, 0.5], [0.5, 0.5])
    0.0
    >>> round(stability_index([0.5, 0.5], [0.6, 0.4]), 4)
    0.0405
    """
    if not sum(then) or not sum(now):
        return float("nan")
    was, is_now = np.maximum(then, floor), np.maximum(now, floor)
    return float(((is_now - was) * np.log(is_now / was)).sum())


def by_chance(bins: int, now: int, then: int) -> float:
    """What the index stays below in 95 % of cases when nothing has moved (Yurdakul 2018).

    >>> round(by_chance(10, 1000, 1000), 4)
    0.0338
    """
    from scipy.stats import chi2

    if not now or not then:
        return float("nan")
    return float(chi2.ppf(0.95, bins - 1) * (1 / now + 1 / then))


def verdict(index: float, usual: float) -> str:
    """``stable``, ``moved`` or ``moved far``; what is usual is stable, whatever its size.

    >>> verdict(0.3, 0.02), verdict(0.3, 0.5), verdict(0.05, 0.02)
    ('moved far', 'stable', 'stable')
    """
    if not index >= MODERATE or index <= usual:
        return "stable"
    return "moved far" if index >= LARGE else "moved"


def _floor(listeners: int) -> float:
    return max(FLOOR, 0.5 / max(1, listeners))


def _column(scores: np.ndarray) -> np.ndarray:
    return np.asarray(scores, dtype=np.float32)[:, None]


def _cuts(column: np.ndarray) -> list[float]:
    """Upper ends of all bins but the last: each value of a few, else tenths of the rows."""
    known = column[~np.isnan(column)]
    distinct = np.unique(known)
    if len(distinct) > FEW:
        tenths = np.quantile(known, np.arange(1, BINS) / BINS, method="lower")
        distinct = np.append(np.unique(tenths[tenths < distinct[-1]]), distinct[-1])
    # The shortest text of a float32 reads back as the same float32.
    return [float(str(cut)) for cut in distinct[:-1]]


def _values(column: np.ndarray, words: list[str]) -> list[str]:
    counts = np.bincount(column[~np.isnan(column)].astype(np.int64), minlength=len(words))
    most = sorted(range(len(words)), key=lambda code: (-counts[code], words[code]))
    return [words[code] for code in most[:VALUES]]


def _counts(column: np.ndarray, bins: dict, words: list[str] | None, weights, days) -> np.ndarray:
    """Weight of the rows of each day in each bin, the missing ones last; (days, bins)."""
    known = ~np.isnan(column)
    if words is None:
        width = len(bins["cuts"]) + 2
        places = np.searchsorted(np.asarray(bins["cuts"], dtype=np.float32), column[known])
    else:
        width = len(bins["values"]) + 2
        at = {word: place for place, word in enumerate(bins["values"])}
        codes = np.array([at.get(word, width - 2) for word in words] or [0], dtype=np.int64)
        places = codes[column[known].astype(np.int64)]
    bin_of = np.full(len(column), width - 1, dtype=np.int64)
    bin_of[known] = places
    count = int(days.max(initial=0)) + 1
    flat = np.bincount(days * width + bin_of, weights=weights, minlength=count * width)
    return flat.reshape(count, width)


def _shares(counts: np.ndarray) -> list[float]:
    return [round(float(share), 6) for share in counts / max(counts.sum(), 1e-12)]
