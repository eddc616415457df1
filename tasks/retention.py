"""What a deployment keeps: receipts for ever, and recent nights with all that they need.

Reachable is what a receipt needs to be rolled back to or restored from, the newest artifact of
every task of a recent night, and everything in the graphs of those nights as the code is now, with
what they read of earlier nights. So the next night builds what it would have built anyway.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

import luigi

from tasks.engine.collecting import Ages
from tasks.engine.configured import Misconfigured, Section, setting
from tasks.engine.journal import Address
from tasks.engine.reachable import Roots, There, in_graph, task_of
from tasks.engine.store import Store
from tasks.engine.workshop import workshop

#: Tasks whose artifacts say what was done to the outside world, or on somebody's request.
RECEIPTS = ("PublishModel", "RollBack", "ForgetListeners")

#: What a receipt of a publication was made from, and needs to be of use again.
_NEEDED = ("decided", "evaluated")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class RetentionSettings(Section, section="retention"):
    """How many nights are kept, and how old must be what nothing needs."""

    nights: int = setting(
        7,
        "the newest nights are kept, with all that they need. `setlist forget` builds them again")
    grace_hours: float = setting(
        24.0,
        "nothing younger is deleted, nor what went into it. Not shorter than `[engine] "
        "isolated_timeout_seconds`, so that a running night keeps what it builds")
    corrupt_days: float = setting(
        30.0,
        "for how long damaged artifacts that were set aside are kept for whoever asks what "
        "happened")
    runs_days: float = setting(400.0, "for how long records of runs are kept")


@dataclass(frozen=True)
class Retention:
    """How many nights are kept, and how old must be what nothing needs."""

    nights: int
    ages: Ages


def retention() -> Retention:
    """Read ``[retention]`` of ``luigi.cfg``. Raises `Misconfigured`."""
    said = RetentionSettings.read()
    ages = Ages(
        grace=3600 * said.grace_hours, set_aside=86400 * said.corrupt_days,
        records=86400 * said.runs_days,
    )
    if said.nights < 1:
        raise Misconfigured(f"[retention] nights is {said.nights}; it must be at least 1.")
    if ages.grace <= 0:
        raise Misconfigured("[retention] grace_hours must be more than 0: a night may be running.")
    return Retention(said.nights, ages)


def roots(there: There, nights: int) -> Roots:
    """Where marking begins, when the newest ``nights`` are kept."""
    newest = recent(there, nights)
    receipts = {one for one in there.addresses if one[0] in RECEIPTS}
    needed = {one for receipt in receipts
              for one in there.inputs(receipt, *_needed(there, receipt))}  # fmt: skip
    deep = newest | in_graph(tasks_of(there.store, newest), workshop())
    return Roots(frozenset(deep), frozenset(receipts | needed))


def _needed(there: There, receipt: Address) -> tuple[str, ...]:
    """An older receipt does not say the model's columns itself, but a table of examples does."""
    entry = there.store.find(receipt) if receipt[0] == "PublishModel" else None
    said = there.store.read(entry) if entry else {}
    is_older = said.get("published") and "columns" not in said
    return (*_NEEDED, "rows") if is_older else _NEEDED


def recent(there: There, nights: int) -> set[Address]:
    """The newest artifact of every task and label of the newest nights, and of no night."""
    first = first_night(there.addresses, nights)
    labels = {(task, label) for task, label, _ in there.addresses
              if (day := day_of(label)) is None or first is None or day >= first}  # fmt: skip
    found = (there.store.newest(task, label) for task, label in sorted(labels))
    return {entry.address for entry in found if entry is not None}


def first_night(addresses: Iterable[Address], nights: int) -> dt.date | None:
    """The oldest of the newest ``nights`` that published or refused a model."""
    every = {day for task, label, _ in addresses
             if task == "PublishModel" and (day := day_of(label))}  # fmt: skip
    return sorted(every)[-nights:][0] if every else None


def tasks_of(store: Store, addresses: Iterable[Address]) -> list[luigi.Task]:
    """The tasks that artifacts are of, as far as there are such tasks now."""
    found = (task_of(store.manifest(one)) for one in sorted(addresses))
    return [task for task in found if task is not None]


def day_of(label: str) -> dt.date | None:
    """The day that a label names; None when it names none."""
    match = _DATE.search(label)
    try:
        return dt.date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None
