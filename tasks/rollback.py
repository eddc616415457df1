"""Making the model of an earlier receipt live again, or of a later one, on somebody's word.

First the registry's alias is moved, then a receipt is kept in the store; both are done under a
lease of the family. Whoever was stopped in between asks again: what is done already is found and
not done twice. Nights after the newest one follow the receipt (`tasks.live_history`).
"""

from dataclasses import dataclass
from typing import Any

from tasks.engine.errors import EngineError
from tasks.engine.identity import digest_of
from tasks.engine.keeping import keep
from tasks.engine.manifest import Input
from tasks.engine.registry import RegistryAddress
from tasks.engine.store import Store
from tasks.live_history import ROLLED_BACK, Change, changes
from tasks.restoring import (
    Publication,
    address_of,
    every_publication,
    last_rollback,
    publish_as_then,
)

_LEASE_SECONDS = 60.0
_SHORTEST_KEY = 6


class NoSuchReceipt(EngineError):
    """Nothing was published that a name or a night could stand for."""


@dataclass(frozen=True)
class RolledBack:
    """What is live now, and whether that had to be changed."""

    family: str
    night: str
    """The night of the model."""
    version: str
    after: str
    """The night after which it holds."""
    because: str
    is_new: bool
    """Whether a receipt was kept; not so when the model was live already."""


def target_of(store: Store, family: str, to: str) -> Publication:
    """The publication that a night, or the beginning of a receipt's key, stands for.

    Raises `NoSuchReceipt`, saying what there is.
    """
    store.refresh()
    every = every_publication(store, family)
    found = [one for one in every if to == one.night.isoformat()][-1:]
    if not found and len(to) >= _SHORTEST_KEY:
        found = [one for one in every if one.address[2].startswith(to)]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{one.night} ({one.address[2][:12]}, version {one.receipt['version']})"
                      for one in every) or "none"
    refused = {one.night.isoformat(): one.receipt.get("verdict") for one in changes(store, family)}
    why = f"the model of {to} was refused" if refused.get(to) == "refused" else (
        f"no receipt of {family} is called {to!r}" if not found else f"{to!r} fits several receipts"
    )
    raise NoSuchReceipt(f"{why}. Receipts of published models of {family}: {there}.")


def roll_back(
    store: Store, tracking: RegistryAddress, target: Publication, because: str
) -> RolledBack:
    """Make a publication's model live for the nights to come; what is live then.

    Raises `LookupError` or `CorruptPayload` when the model is not in the store any more, and the
    subclasses of `RegistryError`.
    """
    lease = store.lease(digest_of(["roll back", target.family]), _LEASE_SECONDS)
    with lease.held_unless(lambda: None):
        store.refresh()
        history = changes(store, target.family)
        after = history[-1].night
        now = next(one for one in reversed(history) if one.model)
        is_new = address_of(now) != target.address
        since = after.isoformat() if is_new else last_rollback(history)
        made = publish_as_then(store, tracking, target, since)
        if is_new:
            _keep(store, history, target, made.number, because)
        else:
            because = now.receipt.get("because", "")
    return RolledBack(target.family, target.night.isoformat(), made.number, after.isoformat(),
                      because, is_new)


def _keep(
    store: Store, history: list[Change], target: Publication, version: str, because: str
) -> None:
    after, serial = history[-1].night, 1 + max(one.serial for one in history)
    receipt: dict[str, Any] = {
        "family": target.family, "day": after.isoformat(), "to": target.night.isoformat(),
        "receipt": "/".join(target.address), "because": because, "published": True,
        "serial": serial, "version": version,
        **{name: target.receipt[name] for name in ("live", "live_day", "model", "digest")},
    }
    task, _, key = target.address
    keep(store, ROLLED_BACK, f"{target.family}.{after}.{serial:04d}", receipt,
         function="tasks.rollback:roll_back",
         parameters={"family": target.family, "to": target.night.isoformat()},
         inputs={"receipt": Input(task, key, target.digest),
                 "decided": target.inputs["decided"]})

