"""Sums of daily partials over the days before a day.

A partial holds integer counts of one day, with a ``day`` column. A window of n days before ``day``
is ``day - n .. day - 1``: the day itself is never in it, so what it holds was known at midnight.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

import pandas as pd

from ml.family import Frames
from ml.features.membership import among


def midnight(day: dt.date) -> pd.Timestamp:
    """The first moment of ``day``, in the milliseconds every time of the contracts has."""
    return pd.Timestamp(day).as_unit("ms")


def window_sums(
    summaries: Sequence[Frames],
    name: str,
    keys: list[str],
    day: dt.date,
    days: Sequence[int],
) -> pd.DataFrame:
    """One row per key, sorted, with a column ``<count>_<n>d`` for each count and window of n days.

    ``name`` names the partial in each day's summary; its key columns not in ``keys`` are summed
    over. A count outside a window adds zero to it.
    """
    return sums_of(rows_before(summaries, name, day, max(days)), keys, day, days)


def sums_of(
    rows: pd.DataFrame, keys: list[str], day: dt.date, days: Sequence[int]
) -> pd.DataFrame:
    """As `window_sums`, of the rows of the days before ``day`` (:func:`rows_before`)."""
    age = (midnight(day) - rows["day"]).dt.days
    counts = [column for column in rows if column not in keys and is_count(rows[column])]
    windowed = {f"{count}_{n}d": rows[count].where(age <= n, 0) for count in counts for n in days}
    grouped = pd.DataFrame({**{key: rows[key] for key in keys}, **windowed}).groupby(keys)
    return grouped.sum().reset_index()


def rows_before(summaries: Sequence[Frames], name: str, day: dt.date, days: int) -> pd.DataFrame:
    """The rows of partial ``name`` on the ``days`` days before ``day``; at least one summary."""
    first, end = midnight(day) - pd.Timedelta(days=days), midnight(day)
    read = []
    for summary in summaries:
        rows = summary[name]
        kept = (rows["day"] >= first) & (rows["day"] < end)
        read.append(rows[kept])
    return pd.concat(read, ignore_index=True)


def of_listeners(summaries: Sequence[Frames], listeners: pd.Series) -> list[Frames]:
    """The rows of ``listeners`` alone, of those partials that are by listener; all days as one."""
    wanted = listeners.drop_duplicates()
    return together(
        {
            name: frame[among(frame["listener"], wanted)]
            for name, frame in summary.items()
            if "listener" in frame
        }
        for summary in summaries
    )


def together(summaries: Iterable[Frames]) -> list[Frames]:
    """All days as one summary, for whoever looks at many windows of them; none stay none."""
    days: dict[str, list[pd.DataFrame]] = {}
    for summary in summaries:
        for name, frame in summary.items():
            days.setdefault(name, []).append(frame)
    found = {name: pd.concat(frames, ignore_index=True) for name, frames in days.items()}
    return [found] if found else []


def is_count(column: pd.Series) -> bool:
    """Whether a partial's column is a count to be summed (and not a key or its day)."""
    return bool(column.dtype == "int64") and column.name != "hour"


def look_up(rows: pd.DataFrame, sums: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The sums of each row's key, in the rows' order and index; NaN for a key never seen."""
    found = rows[keys].merge(sums, on=keys, how="left", validate="many_to_one")
    return found.drop(columns=keys).set_index(rows.index)
