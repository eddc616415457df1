"""Where artifacts live: each is created once, whole, and never changed.

There are two stores with one contract, a folder and a bucket; a setting chooses. The same
tests are run on both.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from tasks.engine.holdings import Holdings
from tasks.engine.journal import Address, Entry
from tasks.engine.lease import Lease
from tasks.engine.manifest import Manifest, Payload
from tasks.engine.runs import RunRecords
from tasks.engine.settings import Settings


class Store(Protocol):
    """What the engine asks of a store."""

    @property
    def runs(self) -> RunRecords:
        """The records of runs, for all machines that use the store."""

    def refresh(self) -> None:
        """Look again at what exists, in bulk."""

    def find(
        self, address: Address, every_byte: bool = False, listed: bool = False
    ) -> Entry | None:
        """The entry of an artifact that exists with all its files in their full size.

        The content of the files is looked at only if ``every_byte`` is asked for. What the
        `refresh` just before did not see may be taken for absent if ``listed`` is said.
        """

    def problem(self, address: Address, every_byte: bool = False) -> str | None:
        """What is wrong with an artifact that `find` does not find; None if it never existed."""

    def manifest(self, address: Address) -> Manifest:
        """The manifest of an artifact. Raises `CorruptPayload` when it is absent or torn."""

    def entries(self, task: str, label: str) -> list[Entry]:
        """The known artifacts under a label."""

    def latest(self, task: str, label: str) -> Manifest | None:
        """The newest known artifact under a label that can still be read."""

    def seconds(self, task: str, label: str) -> float | None:
        """How long the newest known artifact under a label took to build."""

    def labels(self, task: str) -> list[str]:
        """The labels that a task has artifacts under, in order, looked up where they lie."""

    def every(self, task: str, label: str) -> list[Entry]:
        """The artifacts under a label, looked up where they lie."""

    def newest(self, task: str, label: str) -> Entry | None:
        """The newest artifact under a label, looked up where it lies."""

    def staging(self) -> AbstractContextManager[Path]:
        """A private folder to write a payload in; removed unless committed."""

    def deliver(
        self, files: Path, stage: Path, address: Address, payload: dict[str, Payload]
    ) -> None:
        """Bring files that were made on another machine to who will commit them from ``stage``."""

    def commit(self, stage: Path, manifest: Manifest) -> Entry:
        """Make a staged payload exist, or take the equal artifact that was there first."""

    def fetch(self, entries: Iterable[Entry]) -> None:
        """Bring the files of artifacts near, many at once; what is bad is said when it is read."""

    def read(self, entry: Entry, as_path: bool = False) -> Any:
        """The value of an artifact (or where its files lie), after checking every byte of it.

        Raises `CorruptPayload` when bytes differ from the manifest, `InputChanged` when the
        manifest is no longer the one the entry was made from.
        """

    def path(self, address: Address) -> Path:
        """The folder of an artifact on this machine, whether it exists or not."""

    def folder(self, address: Address) -> Path:
        """As `path`, with the artifact's files in it if it exists: for tools that want files."""

    def link(self, address: Address) -> str:
        """Where a person finds an artifact."""

    def set_aside(self, address: Address) -> str | None:
        """Move a bad artifact out of the way, for whoever asks; where to, or None if it is gone."""

    def lease(self, key: str, seconds: float) -> Lease:
        """The right to build a key."""

    def holdings(self) -> Holdings:
        """All that lies here, to be cleaned."""

    def by_key(self, task: str) -> dict[str, Address]:
        """Where the known artifacts of a task lie, by key."""


def open_store(settings: Settings) -> Store:
    """The store that the settings name."""
    if settings.bucket:
        from tasks.engine.bucket_store import BucketStore

        return BucketStore(settings)
    from tasks.engine.folder_store import FolderStore

    return FolderStore(settings.root)
