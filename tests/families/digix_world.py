"""A small world read from files in DIGIX's format, by the real source and the real ingestion.

The files are either made here or cut from the challenge's own:

    python tests/families/digix_world.py FOLDER 20000 1 2 3

counts how many examples of those days (20,000 rows each, of the files in FOLDER) were compared
with every other future, and ends with an error at the first feature that changed.
"""

import datetime as dt
import gzip
import itertools
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from conformance import stages
from conformance.future import FUTURES, assert_past_stands, moments
from conformance.small_world import SmallWorld

from ml.families import FAMILIES
from ml.family import Family
from ml.ingest import ingest
from ml.privacy import PseudonymKey
from ml.sources import SOURCES
from ml.sources.digix import FIRST_DAY, NOT_READ, READ
from ml.tables import TABLES
from ml.world import World
from tasks.deployment import Deployment
from tasks.feasible import lacks

DIGIX = SOURCES["digix"]
KEY = PseudonymKey(b"known to the tests alone")


def write(folder: Path, days: int = 4, listeners: int = 40, shown: int = 120) -> None:
    """Days of ``shown`` rows each, in which a listener meets an ad several times a day."""
    luck = np.random.default_rng(11)
    for number in range(1, days + 1):
        rows = pd.DataFrame("3", index=range(shown), columns=["label", *READ, *NOT_READ])
        ads = luck.integers(0, 12, shown)
        drawn = {
            "uid": 100 + luck.integers(0, listeners, shown),
            "adv_id": ads,
            "task_id": ads // 3,
            "adv_prim_id": ads // 6,
            "slot_id": luck.integers(0, 3, shown),
            "net_type": luck.integers(0, 4, shown),
            "label": (luck.random(shown) < 0.4).astype(int),
        }
        rows = rows.assign(**{name: values.astype(str) for name, values in drawn.items()})
        rows = rows.assign(pt_d=str(number), communication_onlinerate="0^7^8^23")
        text = rows.to_csv(index=False).encode()
        (folder / f"pt_d={number}.csv.gz").write_bytes(gzip.compress(text))


def cut(source: Path, folder: Path, rows: int, numbers: Iterable[int]) -> None:
    """The first ``rows`` rows of some of the challenge's own files."""
    for number in numbers:
        with gzip.open(source / f"pt_d={number}.csv.gz", "rb") as file:
            head = b"".join(itertools.islice(file, rows + 1))
        (folder / f"pt_d={number}.csv.gz").write_bytes(gzip.compress(head))


def read(folder: Path) -> SmallWorld:
    """The world that the files of ``folder`` tell of; the last day but one is looked at."""
    assert DIGIX.days is not None
    days = DIGIX.days(folder)
    tables = {day: {name: _ingested(folder, name, day) for name in DIGIX.tables} for day in days}
    return SmallWorld(tables, days[-2])


def families() -> list[Family]:
    """The families that this source can feed."""
    here = Deployment(DIGIX, Path(), 1, KEY, World(), 1, "", Path())
    return [family for family in FAMILIES.values() if not lacks(family, here)]


def compared(family: Family, world: SmallWorld, day: dt.date) -> int:
    """How many examples of ``day`` stood every other future; fails when a feature changed."""
    seen = replace(world, day=day)
    built = stages.examples(family, seen)
    known = [
        {assert_past_stands(family, seen, built, moment, future, half) for future in FUTURES}
        for moment in moments(built)
        for half in (0, 1)
    ]
    return sum(count for counts in known for count in counts)


def _ingested(folder: Path, table: str, day: dt.date) -> pd.DataFrame:
    found = ingest(folder, read=DIGIX.read, table=TABLES[table], day=day, key=KEY, shards=1,
                   source_name=DIGIX.name)  # fmt: skip
    return found["shard-000.parquet"]


def main(source: str, rows: str, *numbers: str) -> None:
    """Compare the examples of the challenge's own rows with every other future."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = [int(number) for number in numbers]
        cut(Path(source), Path(folder), int(rows), wanted)
        world = read(Path(folder))
        for family in families():
            for day in (FIRST_DAY + dt.timedelta(number - 1) for number in wanted):
                built = stages.examples(family, replace(world, day=day))
                count, columns = compared(family, world, day), stages.features(family, built)
                sys.stdout.write(
                    f"{family.name} {day}: {count:,} examples of {len(columns)} features unchanged "
                    f"by {len(FUTURES)} other futures\n"
                )


if __name__ == "__main__":
    main(*sys.argv[1:])
