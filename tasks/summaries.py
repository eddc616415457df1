"""A day reduced once to integer partials, so that windows add days instead of reading logs."""

from functools import partial
from typing import Any

import luigi

from ml import told
from tasks.deployment import deployment
from tasks.family_task import FamilyTask, tables_for
from tasks.feasible import require_tables


class SummariseDay(FamilyTask):
    """Integer partials of one day of one shard."""

    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        require_tables(self.spec, deployment())
        names = ("listens", "playcounts", "impressions", "outcomes", "tracks", "artists",
                 "campaigns")
        return tables_for(self.spec.summarise, names, self.day, self.shard)

    def recipe(self) -> partial[Any]:
        return partial(self.spec.summarise, day=self.day)

    def summary(self, value: Any) -> str:
        return told.rows_of(value)


class PoolDay(FamilyTask):
    """What crosses listeners on one day: the sum of the shards' partials."""

    def requires(self) -> dict[str, Any]:
        shards = range(deployment().shards)
        return {"partials": [self.of(SummariseDay, shard=shard) for shard in shards]}

    def recipe(self) -> Any:
        if self.spec.pool is None:
            raise ValueError(f"{self.family} has nothing that crosses listeners to pool")
        return self.spec.pool

    def summary(self, value: Any) -> str:
        return told.rows_of(value)
