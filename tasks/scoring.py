"""Scores for every listener, and audiences that are safe to hand over."""

from functools import partial
from typing import Any

import luigi

from ml import audience, scoring
from tasks.deployment import deployment
from tasks.evaluation import LiveModel
from tasks.examples import BuildCandidates
from tasks.family_task import FamilyTask
from tasks.ingest import ShardDay


class ScoreListeners(FamilyTask):
    """The live model's answer for every candidate of one shard."""

    shard = luigi.IntParameter()
    isolated = True

    def requires(self) -> dict[str, Any]:
        return {
            "live": self.of(LiveModel),
            "candidates": self.of(BuildCandidates, shard=self.shard),
        }

    def recipe(self) -> partial[Any]:
        spec = self.spec
        return partial(scoring.score, recipe=spec.model, keys=spec.keys, settle=spec.settle)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} scores"


class BuildAudience(FamilyTask):
    """Who may be addressed: consented listeners with the best scores, in groups large enough."""

    def requires(self) -> dict[str, Any]:
        here = deployment()
        shards = range(here.shards)
        inputs: dict[str, Any] = {
            "scores": [self.of(ScoreListeners, shard=shard) for shard in shards]
        }
        if here.has("consent"):
            inputs["consent"] = [
                ShardDay(table="consent", day=self.day, shard=shard) for shard in shards
            ]
        return inputs

    def recipe(self) -> partial[Any]:
        here, spec = deployment(), self.spec
        return partial(
            audience.build, group=spec.audience_group, share=spec.audience_share,
            minimum=here.minimum_audience, family_name=spec.name, night=self.day,
            consent_required=here.has("consent"), most_listeners=spec.most_listeners,
        )

    def summary(self, value: Any) -> str:
        audiences = value["audiences.json"]["audiences"]
        published = sum(one["published"] for one in audiences)
        return f"{published} of {len(audiences)} audiences published"
