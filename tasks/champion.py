"""The champion a night competes with: what was live before that night began.

Read from the receipts of earlier nights and of rollbacks after them only. So publishing tonight's
model, or rolling back from it, makes nothing of tonight stale, and asking again about an old night
finds the champion of that time.
"""

import datetime as dt
from functools import partial
from typing import Any

import luigi

from ml import told
from ml.gates import read_live
from tasks.engine import SourceTask
from tasks.engine.journal import Address
from tasks.engine.store import Store
from tasks.engine.workshop import workshop
from tasks.family_task import FamilyTask
from tasks.live_history import backwards, changes


class PublishedModel(SourceTask):
    """The files of the model that was live before a night."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> str:
        store = workshop().store
        found = champion_before(store, self.family, self.day)
        absent = "PublishedModel", f"{self.family}.before.{self.day}", "none"
        return str(store.folder(found) if found else store.path(absent))

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

    def summary(self, value: Any) -> str:
        return told.live(value)


def champion_of(task: FamilyTask) -> dict[str, Any]:
    """The champion as an input of a stage, when there is one before its night."""
    before = champion_before(workshop().store, task.family, task.day)
    return {"champion": task.of(Champion)} if before else {}


def champion_before(store: Store, family: str, night: dt.date) -> Address | None:
    """The artifact that was live before ``night``; None when there was none."""
    for one in backwards(store, family, before=night):
        if one.receipt["live"]:
            task, label, key = one.receipt["live"].split("/")
            return task, label, key
    return None


def receipts(store: Store, family: str, before: dt.date) -> list[tuple[dt.date, dict[str, Any]]]:
    """The newest receipt of every night before a day, oldest night first, and of rollbacks."""
    return [(one.night, one.receipt) for one in changes(store, family, before)]
