"""The page a person opens in the morning."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

import luigi

from ml.families import FAMILIES
from ml.report import nightly
from tasks.audiences import BuildAudience
from tasks.deployment import deployment
from tasks.evaluation import DecideModel, EvaluateModel, MeasureFeatures
from tasks.ingest import IngestDay
from tasks.membership import SummariseMembership
from tasks.moments import BuildMoments
from tasks.off_policy import EstimateOffPolicy
from tasks.publishing import PublishModel
from tasks.requests import BuildLookalike, PreviewReach, lookalikes
from tasks.segment_use import GuardSegments, MeasureSegments
from tasks.segments import DiscoverSegments, NameSegments, definition_day
from tasks.training import ModelTask


def night_of(family: str, day: dt.date) -> Iterator[luigi.Task]:
    """The ends of a family's night: what a workflow requires."""
    yield PublishModel(family=family, day=day)
    if FAMILIES[family].audience_group is not None:
        yield BuildAudience(family=family, day=day)
    yield WriteReport(family=family, day=day)
    if FAMILIES[family].moments is not None:
        for shard in range(deployment().shards):
            yield BuildMoments(family=family, day=day, shard=shard)


class WriteReport(ModelTask):
    """One self-contained page about one family's night."""

    isolated = False

    def requires(self) -> dict[str, Any]:
        inputs: dict[str, Any] = {
            "evaluated": self.of(EvaluateModel), "decided": self.of(DecideModel),
            "receipt": self.of(PublishModel), "ingested": self._ingested(),
        }
        if self.spec.audience_group is not None:
            inputs["audience"] = self.of(BuildAudience)
        if self.spec.feature_groups:
            inputs["features"] = self.of(MeasureFeatures)
        if self.spec.alternatives is not None:
            inputs["off_policy"] = self.of(EstimateOffPolicy)
        if self.spec.discover is not None:
            as_of = definition_day(self.spec, self.day)
            inputs["definitions"] = self.of(DiscoverSegments, day=as_of)
            inputs["names"] = self.of(NameSegments)
            inputs["membership"] = self.of(SummariseMembership)
            inputs["guard"] = self.of(GuardSegments)
            inputs["usefulness"] = self.of(MeasureSegments)
            inputs["reach"] = self.of(PreviewReach)
            inputs["lookalikes"] = [
                self.of(BuildLookalike, request=request) for request in lookalikes()
            ]
        return inputs

    def recipe(self) -> partial[Any]:
        return partial(nightly.write, title=self.spec.title, question=self.spec.question,
                       night=self.day, valued=bool(self.spec.worth))

    def summary(self, value: Any) -> str:
        return f"the report of {self.spec.title} on the night of {self.day}"

    def page(self, link: str, notes: dict[str, str | float]) -> str:
        return f"{link}/payload.html"

    def _ingested(self) -> list[IngestDay]:
        """Every ingested day that the night's examples came from."""
        tables = [name for name in self.spec.tables
                  if deployment().has(name) and name in deployment().source.daily]
        every = [*self.train_examples(), *self.stop_examples(), *self.test_examples()]
        days = sorted({task.day for task in every})
        return [IngestDay(table=table, day=day) for table in sorted(tables) for day in days]
