"""A contract: what a table's columns are called, what they hold, and what no row may break.

A contract is data, declared in our own words; ``pandera`` checks it. Two kinds of trouble are
kept apart. A *shape* problem (a column is missing, or is of a type that cannot be converted
without loss) condemns the day. A *row* problem condemns the row, which goes to quarantine.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ml.coded import plain

Kind = Literal["id", "word", "integer", "number", "time", "flag"]

DTYPES: dict[Kind, Any] = {
    "id": "str",
    "word": "str",
    "integer": "int64",
    "number": "float64",
    "time": "datetime64[ms]",
    "flag": "bool",
}

# No spaces or control characters: ids are joined, hashed and written into paths and logs.
ID_PATTERN = r"^[^\s\x00-\x1f\x7f]{1,128}$"
WORD_PATTERN = r"^[^\x00-\x1f\x7f]{1,128}$"


@dataclass(frozen=True)
class Column:
    """One column. ``default`` stands in for an empty value; without one, empty breaks a rule."""

    name: str
    kind: Kind
    default: str | int | None = None
    low: float | None = None
    high: float | None = None
    among: tuple[str, ...] = ()
    unique: bool = False
    on_day: bool = False
    """The time must lie on the day the file is for."""
    sensitive: bool = False
    """Never a feature, and never quoted in a message."""
    listener: bool = False
    """Holds a listener's id, under whatever name: kept as a pseudonym only, never quoted."""
    optional: bool = False
    """A source may leave the column out: its values are then the default. A number without a
    default is then missing, and so is one that is empty."""


@dataclass(frozen=True)
class Contract:
    """One table. ``order`` names the columns its rows are sorted by; the others break ties."""

    name: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    daily: bool = False
    """Rows are events of one day, rather than the state of the world on a day."""
    open_prefix: str | None = None
    """Columns with this prefix are accepted as integers beyond those named; -1 is unknown."""

    @property
    def names(self) -> list[str]:
        """The names of the contract's own columns; a source may leave the optional ones out."""
        return [column.name for column in self.columns]

    @property
    def listeners(self) -> tuple[str, ...]:
        """The names of the columns that hold ids of listeners."""
        return tuple(column.name for column in self.columns if column.listener)

    @property
    def by_listener(self) -> bool:
        """Whether the rows belong to listeners, and are therefore sharded."""
        return "listener" in self.names

    def columns_of(self, frame: pd.DataFrame) -> tuple[Column, ...]:
        """The contract's columns, then the open ones that ``frame`` brings, by name."""
        prefix = self.open_prefix
        extra = sorted(name for name in frame.columns if prefix and str(name).startswith(prefix))
        return self.columns + tuple(Column(name, "integer", default=-1) for name in extra)

    def completed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``frame`` with those optional columns that it leaves out, holding nothing."""
        absent = [each.name for each in self.columns if each.optional and each.name not in frame]
        return frame.assign(**{name: pd.Series(None, frame.index, dtype="str") for name in absent})

    def empty(self) -> pd.DataFrame:
        """A frame of no rows that keeps the contract."""
        return pd.DataFrame(
            {column.name: pd.Series(dtype=DTYPES[column.kind]) for column in self.columns}
        )


def rules(column: Column, day: dt.date) -> list[tuple[str, Any]]:
    """What every value of ``column`` must satisfy: (sentence, pandera check)."""
    import pandera.pandas as pa

    found: list[tuple[str, Any]] = []
    if column.kind == "id":
        sentence = "must be an id of 1 to 128 characters without spaces"
        found.append((sentence, pa.Check.str_matches(ID_PATTERN, error=sentence)))
    if column.kind == "word" and not column.among:
        sentence = "must be a word of 1 to 128 printable characters"
        found.append((sentence, pa.Check.str_matches(WORD_PATTERN, error=sentence)))
    if column.among:
        sentence = f"must be one of {', '.join(column.among)}"
        found.append((sentence, pa.Check.isin(column.among, error=sentence)))
    if column.low is not None:
        sentence = f"must be at least {column.low:,}"
        found.append((sentence, pa.Check.ge(column.low, error=sentence)))
    if column.high is not None:
        sentence = f"must be at most {column.high:,}"
        found.append((sentence, pa.Check.le(column.high, error=sentence)))
    if column.on_day:
        sentence = f"must lie on {day}"
        start, end = pd.Timestamp(day), pd.Timestamp(day) + pd.Timedelta(days=1)
        found.append((sentence, pa.Check.in_range(start, end, include_max=False, error=sentence)))
    return found


def broken(frame: pd.DataFrame, contract: Contract, day: dt.date) -> pd.DataFrame:
    """Every breach in ``frame``: row (its position), column, rule, value as text.

    ``frame`` already has the contract's dtypes, and no empty values but optional numbers; see
    ``ml/coercion.py``.
    """
    import pandera.pandas as pa

    columns = contract.columns_of(frame)
    suspect = np.zeros(len(frame), dtype=bool)
    for column in columns:
        suspect |= _suspect(frame[column.name], column, day)
    schema = pa.DataFrameSchema(
        {
            column.name: pa.Column(
                DTYPES[column.kind],
                [check for _, check in rules(column, day)],
                unique=column.unique,
                nullable=column.optional,
                report_duplicates="all",
            )
            for column in columns
        }
    )
    try:
        # The schema tells everything about a row, and takes its time over each.
        schema.validate(plain(frame[suspect]), lazy=True)
    except pa.errors.SchemaErrors as failure:
        return _breaches(failure.failure_cases)
    return no_breaches()


def _suspect(values: pd.Series, column: Column, day: dt.date) -> np.ndarray:
    """Which values may break a rule. Of a coded column each value is asked about once."""
    codes: np.ndarray | slice = slice(None)
    asked = values.reset_index(drop=True)
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, asked = values.cat.codes.to_numpy(), pd.Series(values.cat.categories)
    suspect = asked.isna().to_numpy(dtype=bool, copy=True)
    for _, check in rules(column, day):
        held = check(asked).check_output  # of what is not missing
        suspect[held.index[~held]] = True
    alike = values.duplicated(keep=False).to_numpy() if column.unique else False
    return suspect[codes] | alike


def no_breaches() -> pd.DataFrame:
    """The frame of breaches when there are none."""
    text = {name: pd.Series(dtype="str") for name in ("column", "rule", "value")}
    return pd.DataFrame({"row": pd.Series(dtype="int64"), **text})


def _breaches(cases: pd.DataFrame) -> pd.DataFrame:
    rule = cases["check"].astype("str").replace({"field_uniqueness": "must be unique"})
    return pd.DataFrame(
        {
            "row": cases["index"].astype("int64"),
            "column": cases["column"].astype("str"),
            "rule": rule,
            "value": cases["failure_case"].astype("str"),
        }
    ).sort_values(["row", "column", "rule"], kind="stable", ignore_index=True)
