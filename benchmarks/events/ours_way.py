"""The product's own functions, as the tasks call them: a day, or a day of a shard, at a time.

Payloads are written and read by the engine's codec, as tasks do; the engine itself (keys, digests,
manifests) is measured elsewhere.
"""

import pandas as pd

from benchmarks.events.layout import KEY, TODAY, WINDOW, Job
from ml.features import listening_day
from ml.features.before import before
from ml.features.session import ended_plays
from ml.features.taste import taste
from ml.features.windows import of_listeners
from ml.ingest import ingest as ingest_day
from ml.privacy import PseudonymKey
from ml.shards import file_of
from ml.sources import folder
from ml.tables import TABLES
from tasks.engine import codec


def ingest(job: Job, number: int) -> None:
    """`IngestDay` of both tables of a day."""
    for table in ("listens", "impressions"):
        made = ingest_day(
            job.raw(table, number), read=folder.read, table=TABLES[table], day=job.day(number),
            key=PseudonymKey(KEY), shards=job.shards, source_name="parquet",
        )
        codec.write(made, job.folder(table, number))


def summarise(job: Job, number: int) -> None:
    """`SummariseDay` of every shard of a day, of what concerns listening."""
    tracks = codec.read_file(job.tracks)
    for shard in range(job.shards):
        listens = codec.read_file(job.folder("listens", number) / file_of(shard))
        made = listening_day.summarise(job.day(number), listens, tracks)
        place = job.folder("partials", number) / str(shard)
        place.mkdir()
        codec.write(made, place)


def join(job: Job, number: int) -> None:
    """Of `BuildExamples` for every shard of a day: taste in the window, and today's plays."""
    for shard in range(job.shards):
        rows, listens = (codec.read_file(job.folder(table, number) / file_of(shard))
                         for table in ("impressions", "listens"))
        history = [_partials(job, day, shard) for day in range(max(0, number - WINDOW), number)]
        own = of_listeners(history, rows["listener"])
        heard = before(rows, ended_plays(listens), ["listener"])
        minutes = (rows["at"] - heard["last"]).dt.total_seconds() / 60
        today = pd.concat([heard[["count", "skips"]], minutes], axis=1).set_axis(TODAY, axis=1)
        named = rows[["impression", "listener", "at"]]
        found = pd.concat([named, taste(rows, own, job.day(number)), today], axis=1)
        found.to_parquet(job.joined_file(number, shard), compression="zstd")


def _partials(job: Job, number: int, shard: int) -> dict[str, pd.DataFrame]:
    place = job.folder("partials", number) / str(shard)
    return {path.name: codec.read_file(path) for path in place.iterdir()}
