"""Audiences that are safe to hand over."""

from functools import partial
from typing import Any

from ml import audience
from ml.segments import audiences as segment_audiences
from tasks.deployment import deployment
from tasks.family_task import FamilyTask
from tasks.ingest import ShardDay
from tasks.membership import AssignSegments
from tasks.priorities import SERVE
from tasks.scoring import ScoreListeners, ValueListeners
from tasks.segment_use import GuardSegments
from tasks.segments import NameSegments


class BuildAudience(FamilyTask):
    """Who may be addressed: consented listeners with the best scores, in groups large enough."""

    priority = SERVE

    def requires(self) -> dict[str, Any]:
        here = deployment()
        inputs = self._segments() if self.spec.discover else self._scores()
        if here.has("consent"):
            inputs["consent"] = [
                ShardDay(table="consent", day=self.day, shard=shard)
                for shard in range(here.shards)
            ]
        return inputs

    def _scores(self) -> dict[str, Any]:
        scored = ValueListeners if self.spec.worth else ScoreListeners
        return {"scores": [self.of(scored, shard=shard) for shard in range(deployment().shards)]}

    def _segments(self) -> dict[str, Any]:
        shards = range(deployment().shards)
        return {"membership": [self.of(AssignSegments, shard=shard) for shard in shards],
                "names": self.of(NameSegments), "guard": self.of(GuardSegments)}

    def recipe(self) -> partial[Any]:
        here, spec = deployment(), self.spec
        shared: dict[str, Any] = {
            "minimum": here.minimum_audience, "family_name": spec.name, "night": self.day,
            "consent_required": here.has("consent"),
        }
        if spec.discover:
            return partial(segment_audiences.build, **shared)
        if spec.audience_group is None:
            raise ValueError(f"{self.family} builds no audiences: others use its scores")
        return partial(
            audience.build, group=spec.audience_group, share=spec.audience_share,
            most_listeners=spec.most_listeners, most_exposures=spec.most_exposures, **shared,
        )

    def summary(self, value: Any) -> str:
        audiences = value["audiences.json"]["audiences"]
        published = sum(one["published"] for one in audiences)
        return f"{published} of {len(audiences)} audiences published"
