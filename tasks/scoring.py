"""Scores for every listener, and what addressing them is worth."""

from functools import partial
from typing import Any

import luigi

from ml import scoring, value
from ml.families import FAMILIES
from tasks.deployment import deployment
from tasks.evaluation import LiveModel
from tasks.examples import BuildCandidates
from tasks.family_task import FamilyTask
from tasks.feasible import reason_against
from tasks.ingest import ShardDay
from tasks.priorities import SERVE


class ScoreListeners(FamilyTask):
    """The live model's answer for every candidate of one shard."""

    priority = SERVE
    shard = luigi.IntParameter()
    isolated = True

    def requires(self) -> dict[str, Any]:
        return {
            "live": self.of(LiveModel),
            "candidates": self.of(
                BuildCandidates, family=self.spec.shares or self.family, shard=self.shard
            ),
        }

    def recipe(self) -> partial[Any]:
        spec = self.spec
        return partial(scoring.score, recipe=spec.model, keys=spec.score_columns,
                       settle=spec.settle, scope=spec.scope)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} scores"


class ValueListeners(FamilyTask):
    """What addressing each candidate of one shard is worth, from every outcome's live model."""

    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        scores = [
            self.of(ScoreListeners, family=name, shard=self.shard) for name, _ in self.worth()
        ]
        return {"scores": scores, **self.campaigns()}

    def campaigns(self) -> dict[str, Any]:
        """Where the bids are told, if anywhere."""
        if not deployment().has("campaigns"):
            return {}
        return {"campaigns": [ShardDay(table="campaigns", day=self.day, shard=0)]}

    def worth(self) -> tuple[tuple[str, float], ...]:
        """The outcomes that can be foretold here and tonight, and their worth."""
        return tuple(
            (name, worth)
            for name, worth in self.spec.worth
            if not reason_against(FAMILIES[name], self.day)
        )

    def recipe(self) -> partial[Any]:
        return partial(value.expected_value, worth=self.worth())

    def summary(self, value: Any) -> str:
        return f"{len(value):,} values, on average {value['value'].mean():.4f}"
