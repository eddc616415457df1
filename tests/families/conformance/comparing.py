"""Comparing frames, and saying where they differ in words that name the column and the row."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

NAMED = ("listener", "moment", "impression", "ad", "campaign")


@contextmanager
def surviving(what: str) -> Iterator[None]:
    """Fail in words when what is done inside raises anything at all."""
    try:
        yield
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(
            f"{what}: expected this to work, found {type(error).__name__}: {error}"
        ) from error


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in one order, for what may come in any: by names first, numbers may differ."""
    names = [name for name in NAMED if name in rows]
    words = [name for name in sorted(rows.columns) if rows[name].dtype == "str"]
    rest = [name for name in sorted(rows.columns) if name not in (*names, *words)]
    return rows.sort_values(list(dict.fromkeys([*names, *words, *rest])), ignore_index=True)


def assert_same(expected: pd.DataFrame, found: pd.DataFrame, what: str) -> None:
    """Fail with the first column that differs, in how many rows, and one of them."""
    assert_same_columns(expected, found, what)
    if len(expected) != len(found):
        raise AssertionError(f"{what}: expected {len(expected):,} rows, found {len(found):,}.")
    for name in expected.columns:
        before, after = (rows[name].reset_index(drop=True) for rows in (expected, found))
        differ = ~((before == after) | (before.isna() & after.isna()))
        if differ.any():
            row = int(differ.idxmax())
            raise AssertionError(
                f"{what}: in column {name}, expected {before[row]}, found {after[row]} "
                f"({_named(expected, row)}), and so in {differ.sum():,} of {len(differ):,} rows."
            )


def assert_same_columns(expected: pd.DataFrame, found: pd.DataFrame, what: str) -> None:
    """Fail with the columns that are missing, too many, or of another dtype."""
    missing = [name for name in expected.columns if name not in found]
    more = [name for name in found.columns if name not in expected]
    assert not missing, f"{what}: expected the columns {', '.join(missing)}, found none of them."
    assert not more, f"{what}: found the columns {', '.join(more)}, which were not expected."
    assert_same_dtypes(expected, found, what)


def assert_same_dtypes(expected: pd.DataFrame, found: pd.DataFrame, what: str) -> None:
    """Fail with the first column, of those in both, that has another dtype."""
    for name in expected.columns.intersection(found.columns):
        kinds = expected[name].dtype, found[name].dtype
        assert kinds[0] == kinds[1], (
            f"{what}: in column {name}, expected the dtype {kinds[0]}, found {kinds[1]}."
        )


def _named(rows: pd.DataFrame, row: int) -> str:
    known = [name for name in NAMED if name in rows]
    return ", ".join(f"{name} {rows[name].iloc[row]}" for name in known) or f"row {row}"
