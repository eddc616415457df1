"""Day-partitioned Parquet in the contracts' own columns: ``<table>/day=YYYY-MM-DD/*.parquet``."""

import datetime as dt
from pathlib import Path

import pandas as pd

from ml.sources.files import parquet
from ml.sources.place import Place
from ml.sources.source import RawDay, Source, found_files


def files(table: str, day: dt.date) -> tuple[str, ...]:
    """Where a day of a table lies."""
    return (f"{table}/day={day}/*.parquet",)


def read(raw: Path, table: str, day: dt.date) -> RawDay:
    """The rows of all the day's files, in the order of their names."""
    found = found_files(raw, files(table, day), "Parquet files of the day")
    rows = pd.concat([parquet(path) for path in found], ignore_index=True)
    return RawDay(rows.assign(_line=range(1, len(rows) + 1)))


def days(folder: Place) -> list[dt.date]:
    """The days of which any table has a partition."""
    found = {path.name.removeprefix("day=") for path in folder.glob("*/day=????-??-??")}
    return sorted(dt.date.fromisoformat(name) for name in found)


SOURCE = Source(
    name="parquet",
    title="Parquet partitioned by day, in the contracts' columns",
    daily=("listens", "impressions", "outcomes"),
    snapshots=("tracks", "campaigns", "listeners", "consent", "forgotten"),
    files=files,
    read=read,
    days=days,
    maturity_days=31,
    notes=("A table whose folder has no partition for a day is absent on that day.",),
)
