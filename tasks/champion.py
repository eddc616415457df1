"""The champion a night competes with: what was live before that night began.

Read from the receipts of earlier nights only. So publishing tonight's model makes nothing of
tonight stale, and asking again about an old night finds the champion of that time.
"""

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import Any

import luigi

from ml.gates import read_live
from tasks.engine import SourceTask
from tasks.engine.settings import read_settings
from tasks.family_task import FamilyTask


class PublishedModel(SourceTask):
    """The files of the model that was live before a night."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> str:
        found = champion_before(read_settings().root, self.family, self.day)
        return str(found or read_settings().root / "no model before" / str(self.day))

    def expectation(self) -> str:
        return (
            f"no model of {self.family} was live before {self.day}. Run earlier nights until one "
            "is blessed: setlist run nightly --day ..., oldest first"
        )


class Champion(FamilyTask):
    """The champion's model, as an input of the night that challenges it."""

    def requires(self) -> dict[str, Any]:
        return {"decided": PublishedModel(family=self.family, day=self.day)}

    def recipe(self) -> partial[Any]:
        return partial(read_live)


def champion_of(task: FamilyTask) -> dict[str, Any]:
    """The champion as an input of a stage, when there is one before its night."""
    before = champion_before(read_settings().root, task.family, task.day)
    return {"champion": task.of(Champion)} if before else {}


def champion_before(root: Path, family: str, night: dt.date) -> Path | None:
    """Where the model that was live before ``night`` lies; None when there was none."""
    for _, receipt in reversed(receipts(root, family, before=night)):
        if receipt["live"]:
            return root / receipt["live"]
    return None


def receipts(root: Path, family: str, before: dt.date) -> list[tuple[dt.date, dict[str, Any]]]:
    """The newest receipt of every night before a day, oldest night first."""
    found: list[tuple[dt.date, dict[str, Any]]] = []
    for label in sorted((root / "PublishModel").glob(f"{family}.*")):
        night = dt.date.fromisoformat(label.name.removeprefix(f"{family}."))
        if night < before and (newest := _newest(label)):
            found.append((night, newest))
    return sorted(found, key=lambda one: one[0])


def _newest(label: Path) -> dict[str, Any] | None:
    manifests = list(label.glob("*/manifest.json"))
    if not manifests:
        return None
    newest = max(manifests, key=lambda path: json.loads(path.read_text())["created"])
    return json.loads((newest.parent / "payload.json").read_text())
