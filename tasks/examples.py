"""From shards to examples: daily partials, what crosses listeners, point-in-time rows."""

import datetime as dt
from functools import partial
from typing import Any

import luigi

from ml import told
from tasks.deployment import deployment
from tasks.earlier import EarlierMembership
from tasks.family_task import FamilyTask, tables_for, wants
from tasks.feasible import require_tables
from tasks.ingest import ShardDay
from tasks.segments import DiscoverSegments, definition_day
from tasks.summaries import PoolDay, SummariseDay

SEGMENTS = "user_segmentation"
SNAPSHOTS = ("tracks", "campaigns", "listeners", "consent")


class OpportunityTask(FamilyTask):
    """Rows a family's model looks at, for one shard."""

    shard = luigi.IntParameter()

    def context(self, function: Any, history: list[dt.date]) -> dict[str, Any]:
        """Snapshots of the day and what is known of the days in ``history``."""
        require_tables(self.spec, deployment())
        inputs = tables_for(function, SNAPSHOTS, self.day, self.shard)
        if "outcomes" in self.spec.required_tables:
            # What was answered on a day without labels is not known, which is not "nothing".
            history = [day for day in history if deployment().labelled(day)]
        if wants(function, "history"):
            inputs["history"] = [
                self.of(SummariseDay, day=day, shard=self.shard) for day in history
            ]
        if wants(function, "pooled"):
            inputs["pooled"] = [self.of(PoolDay, day=day) for day in history]
        if wants(function, "definitions") and self.spec.discover is not None:
            as_of = definition_day(self.spec, self.day)
            inputs["definitions"] = self.of(DiscoverSegments, day=as_of)
        if wants(function, "membership"):
            before = EarlierMembership(family=SEGMENTS, day=self.day)
            inputs |= {"membership": before} if before.complete() else {}
        return inputs

    def days_before(self, day: dt.date) -> list[dt.date]:
        """The history of a day; a family split by listener describes the day's end."""
        last = day if self.spec.split == "listener" else day - dt.timedelta(1)
        return self.days_back(self.windows.history, last)


class BuildExamples(OpportunityTask):
    """Labelled rows of one day and shard, with features known strictly before each moment."""

    def requires(self) -> dict[str, Any]:
        build = self.spec.examples
        inputs = self.context(build, self.days_before(self.day))
        inputs |= tables_for(build, ("listens", "impressions"), self.day, self.shard)
        if self.spec.shares is not None:
            inputs["shared"] = self.of(BuildExamples, family=self.spec.shares, shard=self.shard)
        if wants(build, "outcomes"):
            days = [self.day + dt.timedelta(late) for late in range(self.windows.maturity + 1)]
            inputs["outcomes"] = [
                ShardDay(table="outcomes", day=day, shard=self.shard)
                for day in days
                if deployment().labelled(self.day)
            ]
        return inputs

    def recipe(self) -> partial[Any]:
        return partial(self.spec.examples, day=self.day)

    def summary(self, value: Any) -> str:
        return told.examples(value)


class BuildCandidates(OpportunityTask):
    """Unlabelled rows to be scored at the end of a day, by the same code as examples."""

    def requires(self) -> dict[str, Any]:
        history = self.days_back(self.windows.history, self.day)
        return self.context(self.spec.candidates, history)

    def recipe(self) -> partial[Any]:
        return partial(self.spec.candidates, day=self.day)

    def summary(self, value: Any) -> str:
        return f"{len(value):,} candidates to score"
