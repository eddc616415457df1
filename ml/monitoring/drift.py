"""Whether a day is further from its window than days of the window are from each other.

Each day is compared with the others of its kind (weekdays, weekends) together by the population
stability index (ml.drift). What is usual is learnt from the window's own days: each of them beside
the rest. Of independent rows the index is about a scaled chi-square (Yurdakul 2018), whose cube
root is about normal (Wilson and Hilferty 1931). So the limit is the end of the one-sided prediction
interval of Student's t for one more cube root, at FALSE_ALARM over the number of features
(Bonferroni). Simulated distances passed that limit as often as promised when all days vary alike,
and up to eight times as often when some days vary much more than others; so it is taken at a
STRICTER level. Below the field's line between stable and moved (MODERATE) nothing is an alarm.

A day that is beyond the limit is not what later days are compared with, so that an alarm stands
for ADOPTED days and says since when; after that the new state is what is usual.
"""

import datetime as dt

import numpy as np

from ml.drift import LARGE, MODERATE
from ml.metrics import number
from ml.monitoring.histograms import Window, window

FALSE_ALARM = 0.01
"""The chance that a stable night has an alarm, over all features of a family together."""

LEAST_SPREAD = 0.1
"""The least spread of cube roots, as a part of their mean."""

STRICTER = 5
"""How many times smaller the chance is that the limit is made for."""

FEWEST_DAYS = 7
"""Days it takes to know what is usual."""

TWO, FEW = 2, 5
"""Other days of a kind (weekdays, weekends) it takes to compare a day with its kind alone, and
days so compared it takes to learn from them alone."""

ADOPTED = 7
"""Days of one state after which it is the usual one."""


def measure(days: list[dict], names: list[str], tests: int | None = None) -> list[dict]:
    """Each feature of the last day: index, learnt limit, verdict, since when; the furthest first.

    ``days`` are counts as ``ml.monitoring.histograms`` makes them, oldest first, ``names`` the
    dates of the days. ``tests`` is how many features share the chance of a false alarm; all that
    are there when it is None. Below FEWEST_DAYS days nothing is judged.
    """
    if len(days) <= FEWEST_DAYS:
        return []
    seen: Window = window(days)
    count = tests or max(1, len(seen.counts))
    rows = [_feature(name, seen, names, count) for name in sorted(seen.counts)]
    return sorted(rows, key=lambda row: (-_beyond(row), row["feature"]))


def _beyond(row: dict) -> float:
    return (row["index"] or 0.0) / max(row["limit"] or 0.0, MODERATE)


def _feature(name: str, seen: Window, names: list[str], tests: int) -> dict:
    counts = seen.counts[name]
    weekend = np.array([dt.date.fromisoformat(one).weekday() >= 5 for one in names])
    usual = list(range(FEWEST_DAYS))
    beyond: list[int] = []
    for day in range(FEWEST_DAYS, len(counts)):
        index, limit = _judged(counts, usual, day, weekend, tests)
        if index > limit:
            beyond.append(day)
            if len(beyond) == ADOPTED and day < len(counts) - 1:
                usual, beyond = beyond, []
        else:
            usual, beyond = [*usual, day], []
    is_alarm = bool(beyond) and beyond[-1] == len(counts) - 1
    shares = seen.missing[name] / np.maximum(counts.sum(axis=1), 1)
    return {
        "feature": name, "index": number(index), "limit": number(limit),
        "verdict": ("moved far" if index >= LARGE else "moved") if is_alarm else "stable",
        "since": names[beyond[0]] if is_alarm else None,
        "missing": [number(np.mean(shares[usual])), number(shares[-1])],
    }  # fmt: skip


def _judged(
    counts: np.ndarray, usual: list[int], day: int, weekend: np.ndarray, tests: int
) -> tuple[float, float]:
    """The index of a day beside the usual ones together, and how large it may be."""
    every = [*usual, day]
    alike = np.array([[one != other and weekend[one] == weekend[other] for one in usual]
                      for other in every])  # fmt: skip
    # Those of its kind, where there are TWO; else all others.
    has_kind = alike.sum(axis=1) >= TWO
    others = np.where(has_kind[:, None], alike, np.array(usual) != np.array(every)[:, None])
    beside = others.astype(float) @ counts[usual]
    indices = _indices(counts[every], beside)
    # Beside fewer rows an index is larger by chance, in this proportion (Yurdakul 2018).
    by_chance = sum(1 / np.maximum(one.sum(axis=1), 1) for one in (counts[every], beside))
    # A weekend beside weekdays says nothing of how far weekdays are from each other.
    comparable = has_kind[:-1] if has_kind[-1] and has_kind[:-1].sum() >= FEW else slice(None)
    learnt = learnt_limit((indices / by_chance)[:-1][comparable], tests) * by_chance[-1]
    return float(indices[-1]), max(float(learnt), MODERATE)


def _indices(now: np.ndarray, then: np.ndarray) -> np.ndarray:
    """The stability index (ml.drift) of each line of counts beside that of ``then``; 0 of none."""
    sides = [one.sum(axis=1, keepdims=True) for one in (now, then)]
    rows = np.minimum(*sides)
    shares = (np.maximum(one / np.maximum(side, 1), 0.5 / np.maximum(rows, 1))
              for one, side in zip((now, then), sides, strict=True))  # fmt: skip
    is_now, was = shares
    return np.where(rows[:, 0] > 0, ((is_now - was) * np.log(is_now / was)).sum(axis=1), 0.0)


def learnt_limit(distances: np.ndarray, tests: int, false_alarm: float = FALSE_ALARM) -> float:
    """What the distance of a new day stays below, learnt from the distances of usual ones.

    >>> round(learnt_limit(np.array([0.01, 0.02, 0.015, 0.012, 0.018, 0.011, 0.016]), 10), 3)
    0.077
    """
    from scipy.special import stdtrit

    roots = np.cbrt(distances)
    level = 1 - false_alarm / STRICTER / tests
    # Days that all differ as much as they can differ all alike: that says little of the next.
    spread = max(float(roots.std(ddof=1)), LEAST_SPREAD * float(roots.mean()))
    spread *= np.sqrt(1 + 1 / len(roots))
    return float(roots.mean() + stdtrit(len(roots) - 1, level) * spread) ** 3
