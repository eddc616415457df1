"""Putting rows in order, and finding those that repeat, by integers in place of their text.

Sorting by seven columns, four of them text, costs pandas several times what one sort of integers
does. Nearly always the first columns decide, so that only the few rows which they leave equal
have to be looked at whole.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

ROOM = 2**62


def in_order(frame: pd.DataFrame, first: Sequence[str], rest: Sequence[str]) -> pd.DataFrame:
    """``frame`` sorted by ``first``, equal rows by ``rest``, those equal in both as they stood.

    The index is new. The same as ``sort_values([*first, *rest], kind="stable")``.
    """
    order, same = _sorted(frame, first)
    tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
    if len(tied) and rest:
        columns = [*first, *rest]
        rows = frame.iloc[order[tied]].reset_index(drop=True)[columns]
        order[tied] = order[tied][rows.sort_values(columns, kind="stable").index]
    if (order == np.arange(len(order))).all():
        return frame.reset_index(drop=True)
    return frame.take(order).reset_index(drop=True)


def groups(frame: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Which rows, and where in them each group begins, when sorted by the columns ``by``."""
    order, same = _sorted(frame, by)
    new = np.concatenate([np.full(min(len(frame), 1), True), ~same])
    return order, np.flatnonzero(new)


def repeated(frame: pd.DataFrame, first: Sequence[str]) -> np.ndarray:
    """Which rows equal an earlier one in every column; ``first`` are those that differ most."""
    keys = _packed([_ranks(frame[name]) for name in first])
    near = pd.DataFrame(dict(enumerate(keys))).duplicated(keep=False).to_numpy()
    found = np.zeros(len(frame), dtype=bool)
    found[near] = frame[near].duplicated().to_numpy()
    return found


def _sorted(frame: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The order by columns, and which row of it equals the one before (from the second on)."""
    keys = _packed([_ranks(frame[name]) for name in by])
    order = np.argsort(keys[0], kind="stable") if len(keys) == 1 else np.lexsort(keys[::-1])
    same = np.ones(max(len(frame) - 1, 0), dtype=bool)
    for key in keys:
        same &= key[order][1:] == key[order][:-1]
    return order, same


def _ranks(column: pd.Series) -> np.ndarray:
    """An integer from 0 for each value, in the order of the values; missing values last."""
    if str(column.dtype) in ("int64", "datetime64[ms]"):
        whole = column.to_numpy().view(np.int64)
        if not len(whole) or int(whole.max()) - int(whole.min()) < ROOM:
            return whole - (whole.min() if len(whole) else 0)
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, values = pd.factorize(column)
    ranks = np.empty(len(values) + 1, dtype=np.int64)
    ranks[values.argsort()] = np.arange(len(values))
    ranks[-1] = len(values)
    return ranks[codes]


def _packed(columns: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The columns as few integers as they fit into, the first the most significant."""
    keys: list[np.ndarray] = []
    size = ROOM
    for column in columns:
        span = int(column.max()) + 1 if len(column) else 1
        if size * span < ROOM:
            keys[-1], size = keys[-1] * span + column, size * span
        else:
            keys, size = [*keys, column], span
    return keys
