"""Definitions on a slow clock: discovered rarely, frozen, used every night."""

import datetime as dt
from functools import partial
from typing import Any

from ml.family import Family
from tasks.deployment import deployment
from tasks.family_task import FamilyTask
from tasks.summaries import SummariseDay


class DiscoverSegments(FamilyTask):
    """The family's segment definitions, from the window that ends with ``day``."""

    isolated = True

    def requires(self) -> dict[str, Any]:
        days = self.days_back(self.windows.history, self.day)
        shards = range(deployment().shards)
        return {"history": [self.of(SummariseDay, day=day, shard=shard)
                            for day in days for shard in shards]}

    def recipe(self) -> partial[Any]:
        if self.spec.discover is None:
            raise ValueError(f"{self.family} has no definitions to discover")
        return partial(self.spec.discover, as_of=self.day)


def definition_day(spec: Family, night: dt.date) -> dt.date:
    """The newest day, not after ``night``, on which definitions are discovered.

    The clock starts when a full window of history exists: definitions from a shorter one would
    not fit listeners described by a full one. A source too young for that is looked at anew
    every night.
    """
    start = deployment().first_day + dt.timedelta(spec.windows.history - 1)
    if night < start:
        return night
    ticks = (night - start).days // spec.discover_every
    return start + dt.timedelta(ticks * spec.discover_every)


# TEMPORARY: stand-ins until AssignSegments, NameSegments and GuardSegments are merged.
import luigi  # noqa: E402

from ml.segments import pending  # noqa: E402


class AssignSegments(FamilyTask):
    """Stand-in."""

    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        from tasks.scoring import ScoreListeners

        as_of = definition_day(self.spec, self.day)
        return {"scores": self.of(ScoreListeners, shard=self.shard),
                "definitions": self.of(DiscoverSegments, day=as_of)}

    def recipe(self) -> Any:
        return pending.assign


class NameSegments(FamilyTask):
    """Stand-in."""

    def requires(self) -> dict[str, Any]:
        return {"definitions": self.of(DiscoverSegments, day=definition_day(self.spec, self.day))}

    def recipe(self) -> Any:
        return pending.names


class GuardSegments(NameSegments):
    """Stand-in."""

    def recipe(self) -> Any:
        return pending.guard
