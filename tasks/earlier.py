"""What earlier nights made, as an input of later ones: read from the store, never asked for.

Tonight continues from what was there before it, so an old night is not built again for the sake
of a new one, and building tonight makes nothing of an earlier night stale.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import luigi

from tasks.engine import SourceTask
from tasks.engine.workshop import workshop
from tasks.family_task import FamilyTask


class EarlierDefinitions(SourceTask):
    """The definitions that were discovered before those of ``day``."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> str:
        folders = newest_before("DiscoverSegments", str(self.family), self.day)
        lacking = workshop().settings.root / "no definitions before" / str(self.day)
        return str(folders[0] / "definitions.json" if folders else lacking)


class EarlierMembership(SourceTask):
    """The membership of the night before, one file a shard."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> list[str]:
        folders = newest_before("AssignSegments", str(self.family), self.day)
        lacking = [workshop().settings.root / "no membership before" / str(self.day)]
        return [str(one) for one in [folder / "payload.parquet" for folder in folders] or lacking]


class EarlierSummary(SourceTask):
    """What was said of the membership of the night before."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> str:
        folders = newest_before("SummariseMembership", str(self.family), self.day)
        lacking = workshop().settings.root / "no membership before" / str(self.day)
        return str(folders[0] / "membership.json" if folders else lacking)


def earlier_membership(task: FamilyTask) -> dict[str, Any]:
    """Last night's membership as inputs of a stage, as far as there was one."""
    sources = {"previous": EarlierMembership, "before": EarlierSummary}
    found = {name: kind(family=task.family, day=task.day) for name, kind in sources.items()}
    return {name: one for name, one in found.items() if one.complete()}


def newest_before(task: str, family: str, night: dt.date) -> list[Path]:
    """The folders of a task's newest artifacts on the last day before ``night`` that has any.

    One folder a shard, in their order; none when there was no such day.
    """
    store = workshop().store
    labels = [(*_day_and_shard(label, family), label)
              for label in store.labels(task) if label.startswith(f"{family}.")]
    for last in sorted({day for day, _, _ in labels if day < night}, reverse=True):
        shards = sorted((shard, label) for day, shard, label in labels if day == last)
        made = [entry for _, label in shards if (entry := store.newest(task, label)) is not None]
        if made:
            return [store.folder(entry.address) for entry in made]
    return []


def _day_and_shard(label: str, family: str) -> tuple[dt.date, int]:
    day, _, shard = label.removeprefix(f"{family}.").partition(".")
    return dt.date.fromisoformat(day), int(shard or 0)
