"""Whether the ways came to the same result: every count, every integer of the partials and rows."""

import json

import numpy as np
import pandas as pd

from benchmarks.events.layout import COUNTED, TASTE, TODAY, Job

INTEGERS = ("plays_28d", "active_days_28d", "days_since_last_play", *TODAY[:2])
CLOSE = 1e-12
"""Logarithms of two libraries may differ in their last digit."""


def digest(job: Job) -> dict[str, int | str]:
    """What must be equal in all ways, whatever the number of files and the order of rows."""
    found: dict[str, int | str] = {}
    for table in ("listens", "impressions"):
        reports = [json.loads((job.folder(table, number) / "report.json").read_text())
                   for number in range(job.days)]
        found |= {f"{table} {name}": sum(report[name] for report in reports) for name in COUNTED}
    for name in ("listening", "choices"):
        whole = sum(_partials(job, name, number) for number in range(job.days))
        found[name] = f"{whole % 2**64:x}"
    rows = joined(job)
    whole = rows[list(INTEGERS)].fillna(-1).astype("int64")
    of_rows = f"{_hash(rows[['impression']].join(whole)):x}"
    return found | {"joined rows": len(rows), "joined": of_rows}


def joined(job: Job) -> pd.DataFrame:
    """The joined rows of all days, by impression."""
    files = sorted(path for number in job.joined_days
                   for path in job.folder("joined", number).glob("*.parquet"))
    rows = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    return rows[["impression", "listener", *TASTE, *TODAY]].sort_values(
        "impression", ignore_index=True
    )


def furthest(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    """The largest relative difference of any feature; infinite where one alone is missing."""
    numbers = [*TASTE, *TODAY]
    one, other = (frame[numbers].to_numpy(dtype=float) for frame in (ours, theirs))
    if (np.isnan(one) != np.isnan(other)).any() or (ours["listener"] != theirs["listener"]).any():
        return float("inf")
    apart = np.abs(one - other) / np.maximum(1, np.abs(one))
    return float(np.nanmax(apart))


def _partials(job: Job, name: str, number: int) -> int:
    files = job.folder("partials", number).rglob(f"{name}.parquet")
    return sum(_hash(pd.read_parquet(path).drop(columns="day")) for path in files)


def _hash(frame: pd.DataFrame) -> int:
    """A sum over rows, so that their order does not matter; whole numbers of any width."""
    ordered = frame[sorted(frame.columns)]
    text = [name for name in ordered if not pd.api.types.is_numeric_dtype(ordered[name])]
    ordered = ordered.fillna(dict.fromkeys(ordered.columns.difference(text), 0))
    ordered = ordered.astype(dict.fromkeys(ordered.columns.difference(text), "int64"))
    return int(pd.util.hash_pandas_object(ordered, index=False).to_numpy().sum())
