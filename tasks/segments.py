"""Definitions on a slow clock: discovered rarely, frozen, named, used every night."""

import datetime as dt
from functools import partial
from typing import Any

from ml.family import Family
from ml.segments import renaming
from tasks.deployment import deployment
from tasks.earlier import EarlierDefinitions
from tasks.engine import SourceTask
from tasks.family_task import FamilyTask
from tasks.summaries import SummariseDay


class DiscoverSegments(FamilyTask):
    """The family's segment definitions, from the window that ends with ``day``."""

    isolated = True

    def requires(self) -> dict[str, Any]:
        days = self.days_back(self.windows.history, self.day)
        shards = range(deployment().shards)
        inputs: dict[str, Any] = {"history": [
            self.of(SummariseDay, day=day, shard=shard) for day in days for shard in shards
        ]}
        earlier = EarlierDefinitions(family=self.family, day=self.day)
        return inputs | ({"previous": earlier} if earlier.complete() else {})

    def recipe(self) -> partial[Any]:
        if self.spec.discover is None:
            raise ValueError(f"{self.family} has no definitions to discover")
        return partial(self.spec.discover, as_of=self.day)

    def summary(self, value: Any) -> str:
        found = value["definitions.json"]
        return f"{len(found['segments'])} segments of {found['listeners']:,} listeners"


class SegmentNames(SourceTask):
    """The names that people gave to segments, in a file that is reviewed."""

    def path(self) -> str:
        return str(deployment().segment_names)


class NameSegments(FamilyTask):
    """What the segments of a night are called: as discovered, or as a person said."""

    def requires(self) -> dict[str, Any]:
        as_of = definition_day(self.spec, self.day)
        inputs: dict[str, Any] = {"definitions": self.of(DiscoverSegments, day=as_of)}
        return inputs | ({"overrides": SegmentNames()} if SegmentNames().complete() else {})

    def recipe(self) -> Any:
        return renaming.name_segments

    def summary(self, value: Any) -> str:
        return "; ".join(one["name"] for one in value["names.json"]["segments"])


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
