"""Definitions on a slow clock: discovered rarely, frozen, used every night."""

import datetime as dt
from functools import partial
from typing import Any

import luigi
import pandas as pd

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


class NameSegments(FamilyTask):
    """Stand-in: the definitions' own names."""

    def requires(self) -> dict[str, Any]:
        as_of = definition_day(self.spec, self.day)
        return {"definitions": self.of(DiscoverSegments, day=as_of)}

    def recipe(self) -> partial[Any]:
        return partial(_own_names)


class AssignSegments(FamilyTask):
    """Stand-in: tonight's scores, without hysteresis."""

    shard = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        from tasks.scoring import ScoreListeners

        return {"scores": self.of(ScoreListeners, shard=self.shard),
                "names": self.of(NameSegments)}

    def recipe(self) -> partial[Any]:
        return partial(_own_membership)


def _own_names(definitions: dict[str, Any]) -> dict[str, Any]:
    found = definitions["definitions.json"]["segments"]
    said = [{"id": str(one["id"]), "name": one["name"], "color": one["color"],
             "discovered_name": one["name"]} for one in found]
    return {"names.json": {"segments": said, "overridden": [], "notes": []}}


def _own_membership(scores: pd.DataFrame, names: dict[str, Any]) -> pd.DataFrame:
    ids = {one["name"]: one["id"] for one in names["names.json"]["segments"]}
    segment = scores["segment"].map(ids).fillna("unknown yet").astype("str")
    rows = pd.DataFrame({"listener": scores["listener"], "segment": segment,
                         "name": scores["segment"], "probability": scores["probability"]})
    return rows.sort_values("listener", ignore_index=True)
