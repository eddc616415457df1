"""The built-in listening world: one folder a day, made by ``ml.world.generate_day``."""

import datetime as dt
from pathlib import Path

from ml.sources.files import parquet
from ml.sources.source import RawDay, Source, found_files


def files(table: str, day: dt.date) -> tuple[str, ...]:
    """Where a table lies in the folder of a generated day."""
    return (f"{table}.parquet",)


def read(raw: Path, table: str, day: dt.date) -> RawDay:
    """The rows of a table of a generated day."""
    (path,) = found_files(raw, files(table, day), "a table of the listening world")
    return RawDay(parquet(path))


SOURCE = Source(
    name="world",
    title="The built-in listening world",
    daily=("listens", "impressions", "outcomes"),
    snapshots=("tracks", "campaigns", "listeners", "consent", "forgotten"),
    files=files,
    read=read,
    maturity_days=31,
    notes=(
        "Invented: its listeners, tracks and campaigns do not exist, and its truths are known.",
        "Clicks arrive within a day; conversions may follow for a month.",
    ),
)
