"""Reading the store for a page: what was read stays in memory, for artifacts never change."""

import datetime as dt
from collections import OrderedDict
from functools import cached_property
from typing import Any

from tasks.engine import ledger
from tasks.engine.errors import CorruptPayload, InputChanged
from tasks.engine.journal import Address, Entry
from tasks.engine.ledger import Run
from tasks.engine.manifest import Manifest
from tasks.engine.nights import Night, nights
from tasks.engine.workshop import Workshop
from workflows.page.stages import CLOSING

_MOST_MANIFESTS, _MOST_VALUES = 4000, 400


class _Newest(OrderedDict[Any, Any]):
    """Keeps what was used last, up to a number."""

    def __init__(self, most: int):
        super().__init__()
        self.most = most

    def keep(self, name: Any, value: Any) -> Any:
        self[name] = value
        while len(self) > self.most:
            self.popitem(last=False)
        return value


class Shelf:
    """The store and the ledger, as one process that serves pages knows them."""

    def __init__(self, shop: Workshop, nights_shown: int):
        self.shop = shop
        self.nights_shown = nights_shown
        self._manifests, self._values = _Newest(_MOST_MANIFESTS), _Newest(_MOST_VALUES)

    def look(self) -> "Look":
        """What there is at this moment, for one request."""
        self.shop.store.refresh()
        return Look(self)

    def manifest(self, address: Address) -> Manifest:
        """The manifest of an artifact. Raises `CorruptPayload`."""
        if address in self._manifests:
            return self._manifests[address]
        return self._manifests.keep(address, self.shop.store.manifest(address))

    def value(self, entry: Entry) -> Any:
        """The value of a small artifact, every byte checked. Raises `CorruptPayload`."""
        if entry.address in self._values:
            return self._values[entry.address]
        return self._values.keep(entry.address, self.shop.store.read(entry))


class Look:
    """One request's look: everything it shows belongs together."""

    def __init__(self, shelf: Shelf):
        self.shelf, self.store = shelf, shelf.shop.store
        self._keys: dict[str, dict[str, Address]] = {}

    @cached_property
    def runs(self) -> list[Run]:
        """The runs of the newest nights, newest first."""
        return ledger.recent(self.shelf.shop, self.shelf.nights_shown)

    @cached_property
    def nights(self) -> list[Night]:
        """The newest nights that were worked on, newest first; runs without a day left out."""
        every = nights(self.runs, CLOSING)
        return [one for one in every if is_day(one.day)][: self.shelf.nights_shown]

    def newest(self, task: str, label: str) -> Entry | None:
        """The newest artifact under a label that the index knows and that is whole."""
        entries = sorted(self.store.entries(task, label), key=lambda one: one.created)
        return next((one for one in reversed(entries) if self.store.find(one.address)), None)

    def value(self, task: str, label: str, file: str = "") -> Any:
        """The value of the newest artifact under a label, or one of its files; None if none."""
        entry = self.newest(task, label)
        if entry is None:
            return None
        try:
            value = self.shelf.value(entry)
        except (CorruptPayload, InputChanged):
            return None  # the next night that needs it says so, and builds it again
        return value.get(file) if file and isinstance(value, dict) else value

    def address(self, task: str, key: str) -> Address | None:
        """Where the artifact of a key lies, if it is there."""
        if task not in self._keys:
            self._keys[task] = self.store.by_key(task)
        return self._keys[task].get(key)


def is_day(text: str) -> bool:
    """Whether a text is a date such as ``2026-02-04``."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
