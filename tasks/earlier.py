"""What earlier nights made, as an input of later ones: read from the store, never asked for.

Tonight continues from what was there before it, so an old night is not built again for the sake
of a new one, and building tonight makes nothing of an earlier night stale.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import luigi

from tasks.engine import SourceTask
from tasks.engine.settings import read_settings
from tasks.family_task import FamilyTask


class EarlierDefinitions(SourceTask):
    """The definitions that were discovered before those of ``day``."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> str:
        folders = newest_before("DiscoverSegments", str(self.family), self.day)
        lacking = read_settings().root / "no definitions before" / str(self.day)
        return str(folders[0] / "definitions.json" if folders else lacking)


class EarlierMembership(SourceTask):
    """The membership of the night before, one file a shard."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> list[str]:
        folders = newest_before("AssignSegments", str(self.family), self.day)
        lacking = [read_settings().root / "no membership before" / str(self.day)]
        return [str(one) for one in [folder / "payload.parquet" for folder in folders] or lacking]


class EarlierSummary(SourceTask):
    """What was said of the membership of the night before."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> str:
        folders = newest_before("SummariseMembership", str(self.family), self.day)
        lacking = read_settings().root / "no membership before" / str(self.day)
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
    labels = [(label, *_day_and_shard(label, family))
              for label in (read_settings().root / task).glob(f"{family}.*")]  # fmt: skip
    made = [(label, day, shard) for label, day, shard in labels
            if day < night and _newest(label) is not None]  # fmt: skip
    if not made:
        return []
    last = max(day for _, day, _ in made)
    of_last = sorted((shard, label) for label, day, shard in made if day == last)
    return [folder for _, label in of_last if (folder := _newest(label)) is not None]


def _day_and_shard(label: Path, family: str) -> tuple[dt.date, int]:
    day, _, shard = label.name.removeprefix(f"{family}.").partition(".")
    return dt.date.fromisoformat(day), int(shard or 0)


def _newest(label: Path) -> Path | None:
    manifests = list(label.glob("*/manifest.json"))
    if not manifests:
        return None
    return max(manifests, key=lambda path: json.loads(path.read_text())["created"]).parent
