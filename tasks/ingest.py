"""From a source's files to shards that keep the contracts, without those who were forgotten."""

from functools import partial
from pathlib import Path
from typing import Any

import luigi

from ml import ingest, shards, told
from ml.sources.source import AnyPlace, Source
from ml.tables import TABLES
from ml.world import generate_day
from tasks.deployment import deployment
from tasks.engine import ArtifactTask, SourceTask
from tasks.engine.bucket_path import BucketPath


class SourceDay(SourceTask):
    """The files of one table and day, as the source delivers them."""

    table = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> list[Path] | list[BucketPath]:
        here = deployment()
        folder = here.folder
        if isinstance(folder, BucketPath):
            return self._paths(here.source, folder)
        return self._paths(here.source, folder)

    def _paths(self, source: Source, folder: AnyPlace) -> list[AnyPlace]:
        """The files; the first that should be there when none is."""
        found = source.paths(folder, self.table, self.day)
        return found or [folder / source.files(self.table, self.day)[0]]

    def expectation(self) -> str:
        return (
            f"{self.table} of {self.day} should be there. If the day is late, run again when it "
            "has come; if it moved, set [setlist] folder in luigi.cfg"
        )


class MakeWorldDay(ArtifactTask):
    """One day of the built-in listening world, every table of it."""

    day = luigi.DateParameter()

    def recipe(self) -> partial[Any]:
        return partial(generate_day, world=deployment().world, day=self.day)

    def summary(self, value: Any) -> str:
        return told.rows_of(value)


class ForgottenFile(SourceTask):
    """The standing list of listeners who asked to be forgotten, by the service's own ids."""

    def path(self) -> str:
        return str(deployment().forgotten)


class Forgotten(ArtifactTask):
    """The list of the forgotten, as tokens that are nobody's id and nobody's pseudonym."""

    def requires(self) -> dict[str, Any]:
        return {"listed": ForgottenFile()}

    def recipe(self) -> partial[Any]:
        return partial(shards.forgotten, key=deployment().key)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} listeners are forgotten"


def forgotten() -> dict[str, Any]:
    """The list of the forgotten as an input, when there is one."""
    return {"forgotten": Forgotten()} if ForgottenFile().complete() else {}


class IngestDay(ArtifactTask):
    """One day of one table: checked, pseudonymised, split into shards; bad rows in quarantine.

    Without those who asked to be forgotten.
    """

    table = luigi.Parameter()
    day = luigi.DateParameter()

    def requires(self) -> dict[str, Any]:
        gone = forgotten() if TABLES[self.table].listeners else {}
        if deployment().is_world:
            return {"raw": MakeWorldDay(day=self.day), **gone}
        return {"raw": SourceDay(table=self.table, day=self.day), **gone}

    def recipe(self) -> partial[Any]:
        here = deployment()
        return partial(
            ingest.ingest, read=here.source.read, table=TABLES[self.table], day=self.day,
            key=here.key, shards=len(here.shards_of(self.table)), source_name=here.source.name,
        )

    def summary(self, value: Any) -> str:
        counts = value["report.json"]
        return (
            f"{counts['rows_in']:,} rows in, {counts['rows_kept']:,} kept, "
            f"{counts['rows_quarantined']:,} quarantined"
        )


class ShardDay(ArtifactTask):
    """One shard of one day of one table. It needs one file of the day, not all of it."""

    table = luigi.Parameter()
    day = luigi.DateParameter()
    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        return {"ingested": IngestDay(table=self.table, day=self.day)}

    def file_read(self, name: str) -> str | None:
        return shards.file_of(self.shard) if name == "ingested" else None

    def recipe(self) -> Any:
        return shards.shard

    def summary(self, value: Any) -> str:
        return told.share_of_rows(value)
