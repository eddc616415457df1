"""What was live, and since when: publications and rollbacks of a family, in their order.

A rollback holds for the nights after the newest one there was when somebody asked for it, until
one of them blesses another model. Nights up to then keep the champion they had, so nothing of
them becomes stale.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from tasks.engine.journal import Address, Entry
from tasks.engine.store import Store

PUBLISHED, ROLLED_BACK = "PublishModel", "RollBack"


@dataclass(frozen=True)
class Change:
    """A receipt that says what is live after a night."""

    family: str
    night: dt.date
    serial: int
    """0 for the night's own publication; rollbacks of a family are counted from 1."""
    address: Address
    receipt: dict[str, Any]

    @property
    def is_rollback(self) -> bool:
        """Whether somebody asked for it."""
        return self.serial > 0

    @property
    def model(self) -> dict[str, Any] | None:
        """The receipt, if a model was put live by it (and not merely left so)."""
        return self.receipt if self.receipt.get("published") else None


def changes(store: Store, family: str, before: dt.date | None = None) -> list[Change]:
    """Every receipt of a family (of nights ``before`` a day), in the order in which they hold."""
    found = [
        one
        for task in (PUBLISHED, ROLLED_BACK)
        for label in store.labels(task)
        if label.startswith(f"{family}.")
        for one in _of(store, task, label, before)
    ]
    return sorted(found, key=lambda one: (one.night, one.serial))


def families(store: Store) -> list[str]:
    """The families that have receipts."""
    return sorted({label.partition(".")[0] for label in store.labels(PUBLISHED)})


def last_model(store: Store, family: str) -> Change | None:
    """The receipt that put live what is live now; None when nothing is."""
    return next((one for one in reversed(changes(store, family)) if one.model), None)


def _of(store: Store, task: str, label: str, before: dt.date | None) -> list[Change]:
    family, night, *serial = label.split(".")
    day = dt.date.fromisoformat(night)
    newest: Entry | None = None
    if before is None or day < before:
        newest = store.newest(task, label)
    if newest is None:
        return []
    number = int(serial[0]) if serial else 0
    return [Change(family, day, number, newest.address, store.read(newest))]
