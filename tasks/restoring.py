"""A registry that was lost, made again from the receipts and models in the store.

Every model that was published is published again as it was then, oldest night first, by the
function that did it. What is registered already is found by its digest and left alone, so
restoring twice, or after half of it, does no harm.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.engine import registry
from tasks.engine.errors import CorruptPayload
from tasks.engine.journal import Address, Entry
from tasks.engine.manifest import Input
from tasks.engine.registry import RegistryAddress
from tasks.engine.store import Store

_LOADER = "ml.serving"


@dataclass(frozen=True)
class Publication:
    """A receipt of a published model, and the inputs it was published from."""

    family: str
    night: dt.date
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
    """``restored``, ``was there``, or ``lost`` when its model is not in the store any more."""
    version: str
    detail: str = ""


def publications(store: Store) -> list[Publication]:
    """The newest receipt of every night that published a model, oldest night first."""
    found: list[Publication] = []
    for label in store.labels("PublishModel"):
        newest = store.newest("PublishModel", label)
        receipt = store.read(newest) if newest else {}
        if newest and receipt.get("published"):
            family, _, night = label.rpartition(".")
            inputs = store.manifest(newest.address).inputs
            found.append(Publication(family, dt.date.fromisoformat(night), receipt, inputs))
    return sorted(found, key=lambda one: (one.night, one.family))


def restore_registry(store: Store, tracking: RegistryAddress) -> Iterator[Restored]:
    """Publish again what the store's receipts say was published; one answer for each.

    Raises the subclasses of `RegistryError` when the registry cannot be used.
    """
    store.refresh()
    known: dict[str, set[str]] = {}
    for one in publications(store):
        if one.family not in known:
            there = registry.versions_in(tracking, one.family)
            known[one.family] = {version.digest for version in there}
        yield _restored(store, tracking, one, one.digest in known[one.family])
        known[one.family].add(one.digest)


def _restored(
    store: Store, tracking: RegistryAddress, one: Publication, was_there: bool
) -> Restored:
    night = one.night.isoformat()
    try:
        parts = {name: store.read(_entry(store, one, name), as_path=name != "evaluated")
                 for name in ("decided", "evaluated", "rows")}
    except (CorruptPayload, LookupError) as error:
        return Restored(one.family, night, "lost", "", (
            f"{error}. If its recipe is still the same it can be built again: setlist run "
            f"DecideModel --family {one.family} --day {night}; else the next blessed night "
            "publishes another"
        ))
    made = registry.publish(
        parts["decided"], parts["evaluated"], parts["rows"], family=one.family, night=one.night,
        tracking=tracking, loader=_LOADER,
    )
    before = one.receipt["version"]
    detail = "" if made["version"] == before else f"was version {before} when it was published"
    return Restored(one.family, night, "was there" if was_there else "restored",
                    made["version"], detail)


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
