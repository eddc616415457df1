"""How often something happens along a column, seen and predicted: by hour, by place, by fatigue.

A family names the columns. Few different numbers are a point each, many are cut at tenths of the
rows; neighbours are pooled until each point has enough rows to say something.
"""

import numpy as np
import pandas as pd

from ml.intervals import Resampling, interval, rate_interval

Point = tuple[int | float | str, int | float | str, np.ndarray]
"""First value, last value, and which rows lie between them."""

MOST = 24
TENTHS = 10
LEAST = 0.01
"""Share of the rows that a point has at least, though not fewer rows than FEWEST."""

FEWEST, ENOUGH = 50, 500
"""With so many rows a point says something, however many there are elsewhere."""


def curves(
    judged: pd.DataFrame,
    happened: np.ndarray,
    expected: np.ndarray,
    drawn: Resampling,
    wanted: tuple[tuple[str, str], ...],
) -> tuple[list[dict], list[str]]:
    """Per wanted column: title and points in order; and notes on columns that say nothing.

    A point has the first and last value it stands for, its rows, and the observed and predicted
    rate, with intervals by listener. ``happened`` and ``expected`` are in the rows' order.
    """
    found, notes = [], []
    for name, title in wanted:
        groups = points_of(judged[name]) if name in judged.columns else []
        if len(groups) < 2:
            notes.append(f"{title}: the test rows hold too little of {name} to draw a curve.")
            continue
        points = _measured(groups, happened, expected, drawn)
        found.append({"column": name, "title": title, "points": points})
    return found, notes


def points_of(column: pd.Series) -> list[Point]:
    """First value, last value and mask of each point; rows without a value are in none.

    >>> plays = pd.Series([0] * 60 + [1] * 60 + [2] * 7 + [9] * 3)
    >>> [(first, last, int(rows.sum())) for first, last, rows in points_of(plays)]
    [(0, 0, 60), (1, 9, 70)]
    """
    if not pd.api.types.is_numeric_dtype(column):
        return _of_words(column)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    known = np.unique(values[~np.isnan(values)])
    if len(known) > MOST:
        tenths = np.quantile(values[~np.isnan(values)], np.arange(1, TENTHS) / TENTHS)
        ends = np.append(np.unique(tenths), np.inf)
    else:
        ends = known
    place = np.searchsorted(ends, values)
    counts = np.bincount(place[~np.isnan(values)], minlength=len(ends))
    points: list[Point] = []
    for first, last in _pooled(counts):
        rows = (place >= first) & (place <= last) & ~np.isnan(values)
        points.append((_plain(values[rows].min()), _plain(values[rows].max()), rows))
    return points


def _of_words(column: pd.Series) -> list[Point]:
    counts = column.value_counts().sort_index()
    kept = counts[counts >= _enough(counts.sum())].index[:MOST]
    return [(str(value), str(value), (column == value).to_numpy()) for value in kept]


def _pooled(counts: np.ndarray) -> list[tuple[int, int]]:
    """Neighbours from first to last place that have enough rows together; a rest joins the last."""
    enough, runs, first = _enough(counts.sum()), [], 0
    for last in range(len(counts)):
        if counts[first : last + 1].sum() >= enough:
            runs.append((first, last))
            first = last + 1
    if first < len(counts) and runs and counts[first:].sum():
        runs[-1] = (runs[-1][0], len(counts) - 1)
    return runs


def _enough(rows: int) -> float:
    return max(FEWEST, min(ENOUGH, LEAST * rows))


def _measured(groups, happened, expected, drawn: Resampling) -> list[dict]:
    inside = np.column_stack([rows for _, _, rows in groups]).astype(float)
    seen, said = inside * happened[:, None], inside * expected[:, None]
    parts = np.split(drawn.totals(np.hstack([inside, seen, said])), 3, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed, predicted = parts[1] / parts[0], parts[2] / parts[0]
    return [
        {
            "first": first,
            "last": last,
            "rows": int(rows.sum()),
            "observed": rate_interval(happened[rows].mean(), int(rows.sum()), observed[:, at]),
            "predicted": interval(expected[rows].mean(), predicted[:, at]),
        }
        for at, (first, last, rows) in enumerate(groups)
    ]


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else round(float(value), 6)
