"""What was live, and since when: publications and rollbacks of a family, in their order.

A rollback holds for the nights after the newest one there was when somebody asked for it, until
one of them blesses another model. Nights up to then keep the champion they had, so nothing of
them becomes stale.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.engine.journal import Address
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
    return [*backwards(store, family, before)][::-1]


def backwards(store: Store, family: str, before: dt.date | None = None) -> Iterator[Change]:
    """As `changes`, the last first. Each is read when it is asked for: there is one a night."""
    labels = [
        (night, serial, task, label)
        for task in (PUBLISHED, ROLLED_BACK)
        for label in store.labels(task)
        if label.startswith(f"{family}.")
        for night, serial in [_order_of(label)]
        if before is None or night < before
    ]
    for night, serial, task, label in sorted(labels, reverse=True):
        if (newest := store.newest(task, label)) is not None:
            yield Change(family, night, serial, newest.address, store.read(newest))


def families(store: Store) -> list[str]:
    """The families that have receipts."""
    return sorted({label.partition(".")[0] for label in store.labels(PUBLISHED)})


def last_model(store: Store, family: str) -> Change | None:
    """The receipt that put live what is live now; None when nothing is."""
    return next((one for one in backwards(store, family) if one.model), None)


def _order_of(label: str) -> tuple[dt.date, int]:
    """The night of a receipt, and the number of a rollback after it."""
    _, night, *serial = label.split(".")
    return dt.date.fromisoformat(night), int(serial[0]) if serial else 0
