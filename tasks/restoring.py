"""A registry that was lost, made again from the receipts and models in the store.

Every model that was published is published again as it was then, oldest night first, by the
function that did it, and whoever rolled back has rolled back again in between. What is registered
already is found by its digest and left alone, so restoring twice, or after half of it, does no
harm.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tasks.engine import registry
from tasks.engine.errors import CorruptPayload
from tasks.engine.journal import Address, Entry
from tasks.engine.manifest import Input
from tasks.engine.registry import RegistryAddress
from tasks.engine.store import Store
from tasks.live_history import PUBLISHED, Change, changes, families

_LOADER = "ml.serving"


@dataclass(frozen=True)
class Publication:
    """A receipt of a published model, and the inputs it was published from."""

    family: str
    night: dt.date
    address: Address
    receipt: dict[str, Any]
    inputs: dict[str, Input]

    @property
    def digest(self) -> str:
        """The digest of the model's files."""
        return str(self.receipt["digest"])


@dataclass(frozen=True)
class Restored:
    """What became of one publication."""

    family: str
    night: str
    outcome: str
    """``restored``, ``was there``, ``rolled back``, or ``lost`` when its model is in the store
    no more."""
    version: str
    detail: str = ""


def publications(store: Store) -> list[Publication]:
    """The newest receipt of every night that published a model, oldest night first."""
    newest = [store.newest(PUBLISHED, label) for label in store.labels(PUBLISHED)]
    return _publications(store, [one for one in newest if one is not None])


def every_publication(store: Store, family: str) -> list[Publication]:
    """Every receipt of a family's published models, oldest night first, and older ones first."""
    found: list[Entry] = []
    for label in store.labels(PUBLISHED):
        if label.startswith(f"{family}."):
            found += store.every(PUBLISHED, label)
    return _publications(store, sorted(found, key=lambda one: one.created))


def publish_as_then(
    store: Store, tracking: RegistryAddress, one: Publication, rolled_back_after: str | None = None
) -> registry.Version:
    """Register a published model again unless it is there, and make it champion as it was then.

    See `registry.publish_again` for ``rolled_back_after``. Raises `LookupError` or
    `CorruptPayload` when what it was published from is not in the store any more.
    """
    decided = store.read(_entry(store, one, "decided"), as_path=True)
    evaluated = store.read(_entry(store, one, "evaluated"))
    columns = one.receipt.get("columns")
    if columns is None:  # of an older receipt: the table it was published with tells
        card = json.loads((decided / "card.json").read_text(encoding="utf-8"))
        rows = store.read(_entry(store, one, "rows"), as_path=True)
        columns = registry.columns_of(rows, card["features"])
    return registry.publish_again(
        decided, evaluated, columns, family=one.family, night=one.night, tracking=tracking,
        loader=_LOADER, rolled_back_after=rolled_back_after,
    )


def restore_registry(store: Store, tracking: RegistryAddress) -> Iterator[Restored]:
    """Do again what the store's receipts say was done; one answer for each publication.

    Raises the subclasses of `RegistryError` when the registry cannot be used.
    """
    store.refresh()
    for family in families(store):
        there = {one.digest for one in registry.versions_in(tracking, family)}
        published = {one.address: one for one in every_publication(store, family)}
        history = [one for one in changes(store, family) if one.model]
        for change in history:
            target = published.get(address_of(change))
            if change.is_rollback or change is history[-1] or target is None:
                # Whoever moved the alias by hand meanwhile: it goes where the receipts say.
                yield _put_live(store, tracking, change, target, there, history)
            else:
                yield _restored(store, tracking, target, there, None)


def last_rollback(history: list[Change]) -> str:
    """The night after which somebody last rolled back; "" when nobody did."""
    return max((one.night.isoformat() for one in history if one.is_rollback), default="")


def address_of(change: Change) -> Address:
    """The receipt of the publication that a change put live."""
    if not change.is_rollback:
        return change.address
    task, label, key = change.receipt["receipt"].split("/")
    return task, label, key


def _put_live(
    store: Store, tracking: RegistryAddress, change: Change, target: Publication | None,
    there: set[str], history: list[Change],
) -> Restored:
    if target is None:
        name = "/".join(address_of(change))
        return Restored(change.family, change.night.isoformat(), "lost", "",
                        f"its receipt {name} is not in the store")
    until = history[: 1 + history.index(change)]
    done = _restored(store, tracking, target, there, last_rollback(until))
    if not change.is_rollback or done.outcome == "lost":
        return done
    return Restored(change.family, change.night.isoformat(), "rolled back", done.version,
                    f"to the model of {target.night}")


def _restored(
    store: Store, tracking: RegistryAddress, one: Publication, there: set[str],
    rolled_back_after: str | None,
) -> Restored:
    night, was_there = one.night.isoformat(), one.digest in there
    try:
        made = publish_as_then(store, tracking, one, rolled_back_after)
    except (CorruptPayload, LookupError) as error:
        return Restored(one.family, night, "lost", "", (
            f"{error}. If its recipe is still the same it can be built again: setlist run "
            f"DecideModel --family {one.family} --day {night}; else the next blessed night "
            "publishes another"
        ))
    there.add(one.digest)
    before = one.receipt["version"]
    detail = "" if made.number == before else f"was version {before} when it was published"
    return Restored(one.family, night, "was there" if was_there else "restored",
                    made.number, detail)


def _publications(store: Store, entries: Iterable[Entry]) -> list[Publication]:
    found: list[Publication] = []
    for entry in entries:
        receipt = store.read(entry)
        if receipt.get("published"):
            family, _, night = entry.address[1].rpartition(".")
            inputs = store.manifest(entry.address).inputs
            found.append(
                Publication(family, dt.date.fromisoformat(night), entry.address, receipt, inputs))
    return sorted(found, key=lambda one: (one.night, one.family))


def _entry(store: Store, one: Publication, name: str) -> Entry:
    """The artifact that was an input of a publication; a manifest knows its task and key."""
    given = one.inputs[name]
    for label in _likely_first(store.labels(given.task), f"{one.family}.{one.night}"):
        address: Address = (given.task, label, given.key)
        if (entry := store.find(address, listed=True)) is not None:
            return entry
    raise LookupError(f"{given.task} {given.key[:12]} is not in the store")


def _likely_first(labels: list[str], likely: str) -> list[str]:
    return sorted(labels, key=lambda label: not label.startswith(likely))
