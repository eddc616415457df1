"""A day's rows as counts on a grid that is the same for every day, so that days can be added.

Bins learnt from one day, or from one model, fit no other. So numbers are counted in buckets whose
width is a twentieth of their value (the grid of Masson et al. 2019, DDSketch), and words by word.
Bins of about a tenth of the rows are put together from them when a window is known.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ml.encoding import open_features
from ml.examples import PIECE, columns, heading
from ml.family import ModelRecipe

GROWTH = 1.05
SMALLEST = 1e-9
"""Numbers nearer to zero are counted as zero."""

MISSING = -(1 << 40)
"""The bucket of rows without a value."""

WORDS = 200
"""Words of a day that are counted one by one; the rest is one word."""

OTHER, NOTHING = "(other)", "(missing)"
BINS, MOST_WORDS = 10, 20


def count_features(rows: list[Path], *, recipe: ModelRecipe) -> dict:
    """``numbers.parquet`` (feature, bucket, rows), ``words.parquet`` (feature, word, rows) and
    ``day.json`` of one day's rows, which come as one frame a shard."""
    names = _features(rows, recipe)
    numbers: list[pd.DataFrame] = []
    words: list[pd.DataFrame] = []
    listeners = total = 0
    for shard in rows:
        frame = columns(shard, ["listener", *names])
        total, listeners = total + len(frame), listeners + frame["listener"].nunique()
        for first in range(0, len(frame), PIECE):
            piece = frame[first : first + PIECE]
            for name in (one for one in names if one in piece):
                target = words if name in recipe.categorical else numbers
                target.append(_counted(piece[name], name, name in recipe.categorical))
    return {
        "numbers.parquet": _added(numbers, "bucket", "int64"),
        "words.parquet": _few(_added(words, "word", "str")),
        "day.json": {"rows": total, "listeners": listeners},
    }


def _features(rows: list[Path], recipe: ModelRecipe) -> list[str]:
    there = list(dict.fromkeys(name for shard in rows for name in heading(shard).columns))
    return [*(name for name in recipe.features if name in there), *open_features(there, recipe)]


def _counted(column: pd.Series, name: str, is_word: bool) -> pd.DataFrame:
    if is_word:
        found = column.astype("str").fillna(NOTHING).value_counts(sort=False)
        return pd.DataFrame({"feature": name, "word": found.index, "rows": found.to_numpy()})
    values, counts = np.unique(
        buckets(column.to_numpy(dtype=float, na_value=np.nan)), return_counts=True
    )
    return pd.DataFrame({"feature": name, "bucket": values, "rows": counts})


def buckets(values: np.ndarray) -> np.ndarray:
    """The bucket of each number: 0 around zero, growing with it, `MISSING` for nan.

    >>> buckets(np.array([0.0, 1.0, 1.01, 1.2, -1.0, np.nan])).tolist()
    [0, 425, 425, 429, -425, -1099511627776]
    """
    known = np.isfinite(values)
    size = np.maximum(np.abs(np.where(known, values, 0.0)), SMALLEST)
    at = 1 + np.floor(np.log(size / SMALLEST) / np.log(GROWTH)).astype(np.int64)
    signed = np.where(size > SMALLEST, np.sign(np.where(known, values, 0.0)) * at, 0)
    return np.where(known, signed, MISSING).astype(np.int64)


def _added(counts: list[pd.DataFrame], place: str, kind: str) -> pd.DataFrame:
    """The counts of all pieces together, in order."""
    empty = pd.DataFrame({"feature": pd.Series(dtype="str"), place: pd.Series(dtype=kind),
                          "rows": pd.Series(dtype="int64")})  # fmt: skip
    every = pd.concat([empty, *counts], ignore_index=True)
    summed = every.groupby(["feature", place], sort=True)["rows"].sum().reset_index()
    return summed.astype({"feature": "str", place: kind, "rows": "int64"})


def _few(words: pd.DataFrame) -> pd.DataFrame:
    """The `WORDS` most frequent words of each feature; the others are one."""
    order = words.sort_values(["feature", "rows", "word"], ascending=[True, False, True])
    rank = order.groupby("feature").cumcount()
    named = order.assign(word=order["word"].where(rank < WORDS, OTHER))
    return _added([named], "word", "str")


@dataclass(frozen=True)
class Window:
    """Days of counts side by side: for each feature an array of (days, bins); bins cover it all.

    ``missing`` is the share of rows without a value, per feature and day.
    """

    counts: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]


def window(days: list[dict]) -> Window:
    """The days, oldest first, in bins of about a tenth of all rows but the last day's.

    The last day is judged by the bins of those before it. Of words the `MOST_WORDS` most frequent
    have bins of their own. Missing values are a bin.
    """
    counts, missing = {}, {}
    kinds = (("numbers.parquet", "bucket", _tenths), ("words.parquet", "word", _frequent))
    for file, place, bins in kinds:
        for name, (grid, absent) in _grids([day[file] for day in days], place).items():
            known = grid[:, ~absent]
            missing[name] = grid[:, absent].sum(axis=1)
            counts[name] = np.hstack(
                [known @ bins(known[:-1].sum(axis=0)), missing[name][:, None]]
            )
    _fill_days_without(counts, missing)
    return Window(counts, missing)


def _fill_days_without(counts: dict[str, np.ndarray], missing: dict[str, np.ndarray]) -> None:
    """On a day that does not have a feature at all, all rows are without a value of it."""
    rows = np.max([one.sum(axis=1) for one in counts.values()], axis=0, initial=0)
    for name, one in counts.items():
        lacking = rows - one.sum(axis=1)
        one[:, -1] += lacking
        missing[name] += lacking


def _grids(days: list[pd.DataFrame], place: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each feature the rows by day and place, and which of the places mean no value."""
    features, names = pd.factorize(pd.concat([one["feature"] for one in days]), sort=True)
    places, at = pd.factorize(pd.concat([one[place] for one in days]), sort=True)
    rows = np.concatenate([one["rows"].to_numpy(dtype=float) for one in days])
    day = np.repeat(np.arange(len(days)), [len(one) for one in days])
    absent = np.isin(np.asarray(at), [MISSING if place == "bucket" else NOTHING])
    found = {}
    for code, name in enumerate(names):
        mine = features == code
        used, columns_of = np.unique(places[mine], return_inverse=True)
        grid = np.zeros((len(days), len(used)))
        grid[day[mine], columns_of] = rows[mine]
        found[str(name)] = (grid, absent[used])
        if place == "bucket" and _is_one_value(np.asarray(at)[used][~absent[used]]):
            known = grid[:, ~absent[used]].sum(axis=1, keepdims=True)
            found[str(name)] = (np.hstack([known, grid[:, absent[used]]]),
                                np.array([False, *absent[used][absent[used]]]))  # fmt: skip
    return found


def _is_one_value(used: np.ndarray) -> bool:
    """Whether all is in one bucket and its neighbour: a value that creeps has not moved."""
    return len(used) == 2 and bool(used[1] - used[0] == 1)


def _tenths(mass: np.ndarray) -> np.ndarray:
    """Which bin each bucket is in, as (buckets, bins) of 0 and 1."""
    middle = (np.cumsum(mass) - mass / 2) / max(mass.sum(), 1)
    return _one_hot(np.minimum((middle * BINS).astype(int), BINS - 1))


def _frequent(mass: np.ndarray) -> np.ndarray:
    order = np.argsort(-mass, kind="stable")
    place = np.empty(len(mass), dtype=int)
    place[order] = np.minimum(np.arange(len(mass)), MOST_WORDS)
    return _one_hot(place)


def _one_hot(places: np.ndarray) -> np.ndarray:
    used, codes = np.unique(places, return_inverse=True)
    return (codes[:, None] == np.arange(len(used))).astype(float)
