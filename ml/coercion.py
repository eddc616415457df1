"""From what a file holds to the dtypes of the contract, without loss and without guessing.

Text is read as what the column should be; a value that cannot be is a *row's* problem. A column
of another type altogether (times where integers belong, fractions in an integer column, nothing
but unreadable text) is the *shape's*.
"""

import numpy as np
import pandas as pd
from pandas.api import types

from ml.contract import DTYPES, Column, Contract, no_breaches

ACCEPTED = {
    "integer": ("whole numbers", "must be a whole number"),
    "number": ("numbers", "must be a number"),
    "time": ("times", "must be a time such as 2026-01-05T18:30:00"),
    "flag": ("true or false", "must be true or false"),
    "id": ("text", "must be text"),
    "word": ("text", "must be text"),
}
EMPTY = "must not be empty"
PLACEHOLDERS = {"number": 0.0, "time": pd.Timestamp(0), "flag": False}
TOO_LARGE = 2**63
WHOLE = r"[+-]?\d{1,18}(\.0*)?"
FRACTION = r"\.0*$"
TRUTHS = {"true": True, "false": False, "1": True, "0": False}


def shape_problems(raw: pd.DataFrame, contract: Contract) -> list[tuple[str, str, str]]:
    """Columns that condemn the day, as (column, expected, found); empty when there are none."""
    problems = []
    for column in contract.columns_of(raw):
        expected = f"{DTYPES[column.kind]} ({ACCEPTED[column.kind][0]})"
        if column.name not in raw.columns:
            problems.append((column.name, expected, "no such column"))
        elif found := _misfit(_plain(raw[column.name]), column):
            problems.append((column.name, expected, found))
    return problems


def coerce(raw: pd.DataFrame, contract: Contract) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The typed frame and the breaches found on the way (row, column, rule, value).

    Rows with a breach carry placeholders: the caller sets them aside. ``raw`` has no shape
    problems and a default index.
    """
    typed, breaches = {}, [no_breaches()]
    for column in contract.columns_of(raw):
        values = _plain(raw[column.name])
        empty = _empty(values)
        if column.default is not None and empty.any():
            values, empty = values.where(~empty, column.default), pd.Series(False, raw.index)
        result, unreadable = _read(values, column)
        if column.optional and column.kind == "number":
            result, empty, unreadable = result.mask(empty), empty & False, unreadable & ~empty
        typed[column.name] = result
        breaches.append(_breaches(column, values, empty, EMPTY))
        breaches.append(
            _breaches(column, values, unreadable & ~empty, ACCEPTED[column.kind][1])
        )
    return pd.DataFrame(typed), pd.concat(breaches, ignore_index=True)


def _breaches(column: Column, values: pd.Series, at: pd.Series, rule: str) -> pd.DataFrame:
    if not at.any():
        return no_breaches()
    return pd.DataFrame(
        {
            "row": np.flatnonzero(at),
            "column": pd.Series(column.name, range(int(at.sum())), dtype="str"),
            "rule": rule,
            "value": values[at].astype("str").fillna("").to_numpy(),
        }
    )


def _empty(values: pd.Series) -> pd.Series:
    missing = values.isna()
    return missing | (values == "") if _is_text(values) else missing


def _is_text(values: pd.Series) -> bool:
    return bool(types.is_string_dtype(values) or types.is_object_dtype(values))


def _plain(values: pd.Series) -> pd.Series:
    """A dictionary-encoded column as what it encodes; one that holds nothing as empty text."""
    if values.isna().all():
        return pd.Series(None, values.index, dtype="str")
    categorical = isinstance(values.dtype, pd.CategoricalDtype)
    return values.astype(values.cat.categories.dtype) if categorical else values


def _misfit(values: pd.Series, column: Column) -> str | None:
    """What is wrong with the column as a whole, or None."""
    empty = _empty(values)
    present = values[~empty] if empty.any() else values
    if present.empty:
        return None
    if not _is_text(values) and not _fits(present, column):
        return f"{values.dtype}, e.g. {_quote(present.iloc[0], column)}"
    _, unreadable = _read(present, column)
    if unreadable.all():
        return f"{values.dtype}, e.g. {_quote(present.iloc[0], column)}"
    return None


def _quote(value: object, column: Column) -> str:
    hidden = column.sensitive or column.listener
    return "(not shown)" if hidden else repr(str(value)[:40])


def _fits(values: pd.Series, column: Column) -> bool:
    """Whether a typed column can hold what the contract wants, losing nothing."""
    boolean = types.is_bool_dtype(values)
    whole = types.is_integer_dtype(values)
    if column.kind in ("id", "word"):
        return whole
    if column.kind == "time":
        return types.is_datetime64_any_dtype(values)
    if column.kind == "flag":
        return boolean or (whole and bool(values.isin([0, 1]).all()))
    if column.kind == "number":
        return types.is_numeric_dtype(values) and not boolean
    if types.is_float_dtype(values):
        return bool((values % 1 == 0).all())
    return whole


def _read(values: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """The typed values, and where they could not be read."""
    if column.kind in ("id", "word"):
        text = values.astype("str")
        return text.fillna(""), text.isna()
    if column.kind == "integer":
        return _integers(values)
    if column.kind == "time":
        parsed = _times(values)
    elif column.kind == "flag":
        parsed = values.astype("str").str.lower().map(TRUTHS)
    else:
        parsed = _numbers(values)
    unreadable = parsed.isna()
    if unreadable.any():
        parsed = parsed.where(~unreadable, PLACEHOLDERS[column.kind])
    return parsed.astype(DTYPES[column.kind]), unreadable


def _numbers(values: pd.Series) -> pd.Series:
    found = pd.to_numeric(values.astype("str") if _is_text(values) else values, errors="coerce")
    return found.where(np.isfinite(found.astype("float64")))


def _integers(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whole numbers, and where there were none. Text never passes through floats: digits stay."""
    if _is_text(values):
        text = values.astype("str").str.strip()
        whole = text.str.fullmatch(WHOLE).fillna(False).astype("bool")
        return text.where(whole, "0").str.replace(FRACTION, "", regex=True).astype("int64"), ~whole
    if values.dtype == DTYPES["integer"]:
        return values, pd.Series(False, values.index)
    fits = values.notna() & (values % 1 == 0) & (values.abs() < TOO_LARGE)
    return values.where(fits, 0).astype("int64"), ~fits.astype("bool")


def _times(values: pd.Series) -> pd.Series:
    if _is_text(values):
        # A text without a zone is taken as it stands, one with a zone is moved to UTC.
        text = values.astype("str")
        values = pd.to_datetime(text, errors="coerce", format="ISO8601", utc=True)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    return values.dt.as_unit("ms")
