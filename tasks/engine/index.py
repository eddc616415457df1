"""What this process knows of a bucket: the last listing, and what was committed since.

Like the journal of a folder it only saves requests. Other processes of this machine append what
they commit to a file, so that their artifacts are known without asking the bucket.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from tasks.engine.journal import Address, Journal
from tasks.engine.listing import Group, Known, judged
from tasks.engine.manifest import Manifest

Open = Callable[[Address], Manifest]


class Index:
    """Artifacts by address; those that were listed are judged only when they are asked for."""

    def __init__(self, path: Path):
        self._listed: dict[Address, Group | Known] = {}
        self._labels: dict[str, dict[str, list[Address]]] = {}
        #: What this machine committed: ever, and since the last listing.
        self._ever, self._since = Journal(path), Journal(path)

    def replace(self, found: Iterable[tuple[Address, Group]]) -> None:
        """Believe a new listing alone; the process's journal counts from where it began."""
        self._since = Journal(self._since.path)
        self._since.skip()
        self._listed, self._labels = {}, {}
        for address, group in found:
            self._listed[address] = group
            self._file(address)

    def hear(self) -> None:
        """Learn what other processes of this machine have committed since."""
        self._since.refresh()

    def find(self, address: Address, open_manifest: Open) -> Known | None:
        """What is known of an artifact that is whole."""
        known = self._listed.get(address)
        if isinstance(known, tuple):
            verdict = judged(address, known, open_manifest)
            known = verdict if isinstance(verdict, Known) else None
            if known is not None:
                self._listed[address] = known
        if known is None:
            self._since.refresh()
            entry = self._since.find(address)
            known = Known(entry, "", None) if entry else None
        return known

    def enter(self, known: Known) -> None:
        """An artifact was seen in the bucket."""
        self._listed[known.entry.address] = known
        self._file(known.entry.address)

    def commit(self, known: Known) -> None:
        """An artifact was committed by this process: tell the others."""
        self.enter(known)
        self._since.append(known.entry)

    def forget(self, address: Address) -> None:
        """An artifact is gone, bad or set aside; `has_known` still remembers it."""
        self._listed.pop(address, None)
        self._since.forget(address)

    def has_known(self, address: Address) -> bool:
        """Whether this machine ever committed an artifact."""
        self._ever.refresh()
        return self._ever.find(address) is not None

    def manifest_hash(self, address: Address) -> str | None:
        """The hash of a manifest's text, if it is known."""
        known = self._listed.get(address)
        return (known.sha256 or None) if isinstance(known, Known) else None

    def under(self, task: str, label: str) -> list[Address]:
        """The addresses under a label, in the order they became known."""
        since = [entry.address for entry in self._since.under(task, label)]
        return list(dict.fromkeys([*self._labels.get(task, {}).get(label, []), *since]))

    def labels(self, task: str) -> list[str]:
        """The labels of a task that are known."""
        return sorted({*self._labels.get(task, {}), *self._since.labels(task)})

    def addresses(self, task: str) -> list[Address]:
        """The addresses of a task's artifacts that are known."""
        listed = [one for under in self._labels.get(task, {}).values() for one in under]
        return [*listed, *self._since.addresses(task)]

    def _file(self, address: Address) -> None:
        under = self._labels.setdefault(address[0], {}).setdefault(address[1], [])
        if address not in under:
            under.append(address)
