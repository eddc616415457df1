"""A source: somebody else's files, and how to read a day of them onto the contracts."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pandas as pd

from ml.errors import SourceUnreadable
from ml.sources.place import Place
from ml.tables import KINDS

AnyPlace = TypeVar("AnyPlace", bound=Place)


def unreadable(found: Sequence[tuple[int, str]] = ()) -> pd.DataFrame:
    """The frame of rows that could not be parsed, from (line, reason)."""
    return pd.DataFrame(
        {
            "_line": pd.Series([line for line, _ in found], dtype="int64"),
            "reason": pd.Series([reason for _, reason in found], dtype="str"),
        }
    )


@dataclass(frozen=True)
class RawDay:
    """One day of one table as a source has it, in the contract's column names.

    ``rows`` need not have the contract's dtypes; its column ``_line`` says where a row stands in
    the file. ``unreadable`` (``_line``, ``reason``) lists rows that could not even be parsed: they
    are quarantined, without their text, which may hold a listener's id. ``out_of_scope`` counts
    rows of the file that are not this table's rows.
    """

    rows: pd.DataFrame
    unreadable: pd.DataFrame = field(default_factory=unreadable)
    out_of_scope: int = 0
    notes: tuple[str, ...] = ()


def together(days: list[RawDay]) -> RawDay:
    """A day that came in several files, in their order."""
    if len(days) == 1:
        return days[0]
    return RawDay(
        rows=pd.concat([day.rows for day in days], ignore_index=True),
        unreadable=pd.concat([day.unreadable for day in days], ignore_index=True),
        out_of_scope=sum(day.out_of_scope for day in days),
        notes=tuple(dict.fromkeys(note for day in days for note in day.notes)),
    )


@dataclass(frozen=True)
class Source:
    """What a source offers.

    ``files(table, day)`` gives glob patterns inside the source's folder, and ``read(raw, table,
    day)`` takes that folder (or one file of it) and gives a RawDay. ``days(folder)`` lists the
    days that can be read, None when there is no end to them. ``maturity_days`` is how many days
    after an impression its outcomes may still arrive. ``labelled(folder, day)`` says whether the
    day's labels are known, where outcomes have no file of their own; absent labels are not zero.
    Both may be given a bucket's listing instead of a folder (`Place`); ``read`` never is.
    """

    name: str
    title: str
    daily: tuple[str, ...]
    snapshots: tuple[str, ...]
    files: Callable[[str, dt.date], tuple[str, ...]]
    read: Callable[[Path, str, dt.date], RawDay]
    days: Callable[[Place], list[dt.date]] | None = None
    maturity_days: int = 0
    labelled: Callable[[Place, dt.date], bool] | None = None
    kinds: tuple[str, ...] = KINDS
    """The kinds of OUTCOMES it logs."""
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table the source has."""
        return self.daily + self.snapshots

    def paths(self, folder: AnyPlace, table: str, day: dt.date) -> list[AnyPlace]:
        """The files of ``table`` on ``day``, sorted; none when the source does not have it."""
        if table not in self.tables:
            return []
        return sorted(path for pattern in self.files(table, day) for path in folder.glob(pattern))


def found_files(raw: Path, patterns: tuple[str, ...], expected: str) -> list[Path]:
    """``raw`` itself when it is a file, else the files in it that match; never none."""
    if raw.is_file():
        return [raw]
    if found := sorted(path for pattern in patterns for path in raw.glob(pattern)):
        return found
    raise SourceUnreadable(
        raw / patterns[0] if patterns else raw,
        expected,
        "no such file" if raw.exists() else f"no such folder as {raw}",
        "If the day is late, run again when it has arrived; if it moved, say where it is now.",
    )
