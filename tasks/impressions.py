"""Scores for the impressions of a day that has no labels, or none yet."""

from functools import partial
from typing import Any

import luigi

from ml import score_only
from ml.families import FAMILIES
from tasks.champion import Champion
from tasks.deployment import deployment
from tasks.engine.configured import Misconfigured
from tasks.examples import OpportunityTask
from tasks.family_task import FamilyTask, tables_for
from tasks.ingest import ShardDay


class DescribeImpressions(OpportunityTask):
    """The impressions of one day and shard with their features, and no label."""

    def requires(self) -> dict[str, Any]:
        build = self.spec.examples
        inputs = self.context(build, self.days_before(self.day))
        inputs |= tables_for(build, ("listens", "impressions"), self.day, self.shard)
        if deployment().answered(self.day):
            inputs["outcomes"] = [ShardDay(table="outcomes", day=self.day, shard=self.shard)]
        return inputs

    def recipe(self) -> partial[Any]:
        return partial(score_only.describe, build=self.spec.examples, day=self.day)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} impressions described"


class ScoreImpressions(FamilyTask):
    """What the model that was live before the day says of each impression of one shard."""

    shard = luigi.IntParameter()
    isolated = True

    def requires(self) -> dict[str, Any]:
        described = FAMILIES[self.spec.shares or self.family]
        if "impressions" not in described.required_tables:
            raise Misconfigured(f"{self.family} is not about impressions: it cannot score them.")
        return {
            "live": self.of(Champion),
            "rows": self.of(DescribeImpressions, family=described.name, shard=self.shard),
        }

    def recipe(self) -> partial[Any]:
        spec = self.spec
        return partial(score_only.score_impressions, recipe=spec.model, scope=spec.scope)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} impressions, on average {value['probability'].mean():.4f}"
