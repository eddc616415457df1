"""Who belongs to which segment tonight, and how that moved since the night before."""

from functools import partial
from typing import Any

import luigi

from ml.segments import membership, movement
from tasks.deployment import deployment
from tasks.earlier import earlier_membership
from tasks.examples import BuildCandidates
from tasks.family_task import FamilyTask
from tasks.scoring import ScoreListeners
from tasks.segments import DiscoverSegments, NameSegments, definition_day


class AssignSegments(FamilyTask):
    """The segment of every listener of one shard, who keeps last night's when in doubt."""

    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        inputs: dict[str, Any] = {
            "scores": self.of(ScoreListeners, shard=self.shard),
            "candidates": self.of(BuildCandidates, shard=self.shard),
            "definitions": self.of(DiscoverSegments, day=definition_day(self.spec, self.day)),
            "names": self.of(NameSegments),
        }
        before = earlier_membership(self)
        return inputs | ({"previous": before["previous"]} if "previous" in before else {})

    def recipe(self) -> partial[Any]:
        return partial(membership.explained, night=self.day, margin=self.spec.hysteresis)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} listeners, {int(value['held'].sum()):,} kept by the margin alone"


class SummariseMembership(FamilyTask):
    """Sizes, trends, churn and flows of the night's segments."""

    def requires(self) -> dict[str, Any]:
        shards = range(deployment().shards)
        before = earlier_membership(self)
        return {
            "membership": [self.of(AssignSegments, shard=shard) for shard in shards],
            "names": self.of(NameSegments),
            "definitions": self.of(DiscoverSegments, day=definition_day(self.spec, self.day)),
        } | ({"before": before["before"]} if "before" in before else {})

    def recipe(self) -> partial[Any]:
        return partial(movement.summarise, family_name=self.family, night=self.day)

    def summary(self, value: Any) -> str:
        found = value["membership.json"]["churn"]
        return f"{100 * found['share']:.1f} % changed segment" if found else "first membership"
