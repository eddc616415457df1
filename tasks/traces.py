"""Where the names of some listeners are written: the store, its copies here, and the registry."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ml.privacy import PseudonymKey, pseudonym
from tasks.engine import registry
from tasks.engine.holdings import IN_WORDS, Holding
from tasks.engine.registry import RegistryAddress
from tasks.engine.searching import Names
from tasks.engine.workshop import Workshop

#: The built-in world's days stand for a source: they hold ids, as a service's own files do.
_SOURCES = ("MakeWorldDay",)


@dataclass(frozen=True)
class Trace:
    """Something in which names are written."""

    kind: str
    """The task of an artifact, or what else it is."""
    where: str
    names: frozenset[str]
    holding: Holding | None = None
    path: Path | None = None
    """A file of this machine that is no part of the store proper."""


@dataclass
class Search:
    """What was looked at, and what was found."""

    traces: list[Trace] = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    unsearched: list[str] = field(default_factory=list)

    def look(self, names: Names, path: Path) -> set[str]:
        """Search one file; one that has gone meanwhile has no bytes."""
        with contextlib.suppress(FileNotFoundError):
            found = names.in_file(path)
            self.bytes += path.stat().st_size
            self.files += 1
            return found
        return set()


class Looker:
    """Looks for listeners everywhere, by id and by pseudonym."""

    def __init__(
        self, shop: Workshop, address: RegistryAddress, key: PseudonymKey, ids: Iterable[str]
    ):
        self.shop, self.address = shop, address
        every = pd.Series(list(ids), dtype="str")
        self.ids = dict(zip(pseudonym(every, key), every, strict=True))
        self.names = Names(self.ids, self.ids.values())
        self._pseudonyms = Names(self.ids)

    def everywhere(self, told: Callable[[], None] = lambda: None) -> Search:
        """Every byte of the store, of its copies here, and of the registry; ``told`` of each file.

        Raises the subclasses of `StoreError` and `RegistryError`.
        """
        search = Search()
        seen: set[Path] = set()
        for holding in self.shop.store.holdings().listed():
            search.traces += self._in_holding(holding, search, seen, told)
        for path in sorted(self.shop.settings.root.rglob("*")):
            if path.is_file() and path not in seen:
                told()
                if found := search.look(self.names, path):
                    where = str(path.relative_to(self.shop.settings.root))
                    search.traces.append(
                        Trace("(copies on this machine)", where, frozenset(found), path=path))
        search.traces += self._in_registry(search, told)
        return search

    def who(self, traces: Iterable[Trace]) -> set[str]:
        """The ids of the listeners that traces name."""
        return {self.ids.get(name, name) for one in traces for name in one.names}

    def _in_holding(
        self, holding: Holding, search: Search, seen: set[Path], told: Callable[[], None]
    ) -> Iterator[Trace]:
        is_source = holding.address is not None and holding.address[0] in _SOURCES
        found: set[str] = set()
        with self.shop.store.holdings().files(holding) as files:
            for _, path in files:
                told()
                seen.add(path)
                found |= search.look(self._pseudonyms if is_source else self.names, path)
        if found:
            is_artifact = holding.kind == "artifact" and holding.address
            kind = holding.address[0] if is_artifact and holding.address else IN_WORDS[holding.kind]
            yield Trace(kind, holding.name, frozenset(found), holding)

    def _in_registry(self, search: Search, told: Callable[[], None]) -> Iterator[Trace]:
        if self.address.kind == "server":
            search.unsearched.append(f"{self.address}: an MLflow server's database is not ours")
        for table, values in registry.texts_in(self.address):
            told()
            search.bytes += sum(map(len, values))
            if found := self.names.in_values(values):
                yield Trace("(registry)", f"table {table}",
                            frozenset(one.decode() for one in found))
        with registry.files_of(self.address) as files:
            for name, path in files:
                told()
                if found_here := search.look(self.names, path):
                    yield Trace("(registry)", name, frozenset(found_here))
