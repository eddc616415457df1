"""Before segments are used: the guard, and what they would have known about adverts."""

import datetime as dt
from functools import partial
from typing import Any

from ml.families import FAMILIES
from ml.segments import friends, guard, usefulness
from tasks.deployment import deployment
from tasks.evaluation import LiveModel
from tasks.family_task import FamilyTask
from tasks.feasible import reason_against
from tasks.ingest import ShardDay
from tasks.membership import AssignSegments
from tasks.segments import DiscoverSegments, NameSegments, definition_day
from tasks.summaries import SummariseDay
from tasks.training import TrainModel

ADS = "ad_targeting"


class GuardSegments(FamilyTask):
    """Which segments may be published: none whose lift on a sensitive attribute is too large."""

    def requires(self) -> dict[str, Any]:
        here = deployment()
        shards = range(here.shards)
        inputs: dict[str, Any] = {
            "membership": [self.of(AssignSegments, shard=shard) for shard in shards],
            "names": self.of(NameSegments),
        }
        if here.has("listeners"):
            inputs["listeners"] = [
                ShardDay(table="listeners", day=self.day, shard=shard) for shard in shards
            ]
        return inputs

    def recipe(self) -> partial[Any]:
        return partial(guard.guard, bound=guard.BOUND, minimum=guard.SMALLEST_CELL)

    def summary(self, value: Any) -> str:
        segments = value["guard.json"]["segments"]
        published = sum(one["published"] for one in segments)
        return f"{published} of {len(segments)} segments may be published"


class MeasureFriends(FamilyTask):
    """Whether friends are of one segment more often than chance would have it."""

    def requires(self) -> dict[str, Any]:
        shards = range(deployment().shards)
        return {
            "membership": [self.of(AssignSegments, shard=shard) for shard in shards],
            "friendships": [
                ShardDay(table="friendships", day=self.day, shard=shard) for shard in shards
            ],
        }

    def recipe(self) -> Any:
        return friends.between

    def summary(self, value: Any) -> str:
        ratio = value["ratio"]
        return "no friends to compare" if ratio is None else f"{ratio:.2f} times chance"


class MeasureSegments(FamilyTask):
    """How each segment's listeners answered adverts, beside what the live ad model foretold."""

    isolated = True

    def requires(self) -> dict[str, Any]:
        inputs: dict[str, Any] = {}
        if deployment().has("friendships"):
            inputs["friends"] = self.of(MeasureFriends)
        if self._reason():
            return inputs
        shards, as_of = range(deployment().shards), definition_day(self.spec, self.day)
        return inputs | {
            "names": self.of(NameSegments),
            "test": self._ads().test_examples(),
            "live": LiveModel(family=ADS, day=self.day),
            "history": [self.of(SummariseDay, day=day, shard=shard)
                        for day in self._days_before() for shard in shards],
            "definitions": self.of(DiscoverSegments, day=as_of),
        }  # fmt: skip

    def recipe(self) -> partial[Any]:
        if reason := self._reason():
            return partial(usefulness.not_measured, reason=reason)
        return partial(usefulness.measure, recipe=FAMILIES[ADS].model, days=self._test_days())

    def summary(self, value: Any) -> str:
        told = value["usefulness.json"]
        if not told["segments"]:
            return "; ".join(told["notes"])
        return f"{told['overall']['impressions']:,} impressions by segment"

    def _reason(self) -> str:
        """Why ad targeting cannot have a night here, or ""."""
        return reason_against(FAMILIES[ADS], self.day)

    def _ads(self) -> TrainModel:
        return TrainModel(family=ADS, day=self.day)

    def _test_days(self) -> list[dt.date]:
        return self.known(self._ads().windows.test_days(self.day))

    def _days_before(self) -> list[dt.date]:
        """The windows of listening before each test day, each day once."""
        eves = [day - dt.timedelta(1) for day in self._test_days()]
        return sorted({day for eve in eves for day in self.days_back(self.windows.history, eve)})
