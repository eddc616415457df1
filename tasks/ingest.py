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


class IngestDay(ArtifactTask):
    """One day of one table: checked, pseudonymised, split into shards; bad rows in quarantine."""

    table = luigi.Parameter()
    day = luigi.DateParameter()

    def requires(self) -> dict[str, Any]:
        if deployment().is_world:
            return {"raw": MakeWorldDay(day=self.day)}
        return {"raw": SourceDay(table=self.table, day=self.day)}

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


class ForgottenFile(SourceTask):
    """The standing list of listeners who asked to be forgotten, by the service's own ids."""

    def path(self) -> str:
        return str(deployment().forgotten)


class Forgotten(ArtifactTask):
    """The pseudonyms of one shard's forgotten listeners."""

    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        return {"listed": ForgottenFile()}

    def recipe(self) -> partial[Any]:
        here = deployment()
        return partial(shards.forgotten, key=here.key, shard=self.shard, shards=here.shards)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} listeners are forgotten"


class ShardDay(ArtifactTask):
    """One shard of one day of one table, without forgotten listeners."""

    table = luigi.Parameter()
    day = luigi.DateParameter()
    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        inputs: dict[str, Any] = {"ingested": IngestDay(table=self.table, day=self.day)}
        if self._listeners and ForgottenFile().complete():
            inputs["forgotten"] = self._forgotten()
        return inputs

    def recipe(self) -> partial[Any]:
        return partial(shards.shard, number=self.shard, listeners=self._listeners)

    def summary(self, value: Any) -> str:
        return told.share_of_rows(value)

    @property
    def _listeners(self) -> tuple[str, ...]:
        return TABLES[self.table].listeners

    def _forgotten(self) -> Any:
        """The shard's list; where rows name listeners of other shards too, the lists of all."""
        if self._listeners == ("listener",):
            return Forgotten(shard=self.shard)
        return [Forgotten(shard=shard) for shard in range(deployment().shards)]
