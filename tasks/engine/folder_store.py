"""The store in a folder: each artifact is a folder, renamed into place in one step.

::

    <root>/<Task>/<label>/<key>/manifest.json   and the payload's files beside it
    <root>/_staging/   being written         <root>/_corrupt/   set aside
    <root>/_leases/    being built           <root>/_runs/      what each run did
    <root>/_journal.jsonl   an index, only for speed

An artifact is written in staging and then renamed into place in one step, manifest and all;
a rename onto an existing artifact fails, so a key is never written twice. Files are not
synced to disk: after a power cut a torn payload is found by its size or digest, and rebuilt.
"""

import logging
import os
import shutil
import socket
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tasks.engine.errors import CorruptPayload, InputChanged, StoreError
from tasks.engine.folder_holdings import FolderHoldings
from tasks.engine.journal import Address, Entry, Journal, entry_of
from tasks.engine.lease import Lease
from tasks.engine.manifest import Manifest, Payload, from_json
from tasks.engine.payload import read_payload
from tasks.engine.runs import SharedRuns

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"


class FolderStore:
    """Artifacts in a folder of this machine (or one that machines share)."""

    def __init__(self, root: Path):
        self.root = root
        self._root = str(root)
        self.runs = SharedRuns()
        self.journal = Journal(root / "_journal.jsonl")

    def refresh(self) -> None:
        """Look again at what exists; one read, whatever the number of artifacts."""
        self.journal.refresh()

    def path(self, address: Address) -> Path:
        """The folder of an artifact, whether it exists or not."""
        return Path(self._folder(address))

    def folder(self, address: Address) -> Path:
        """The folder of an artifact: its files are always in it."""
        return self.path(address)

    def link(self, address: Address) -> str:
        """Where a person finds an artifact: the address of its folder, for a browser."""
        return self.path(address).absolute().as_uri()

    def lease(self, key: str, seconds: float) -> Lease:
        """The right to build a key, between the processes that share the folder."""
        return Lease(self.root / "_leases", key, seconds)

    def holdings(self) -> FolderHoldings:
        """All that lies in the folder, to be cleaned."""
        return FolderHoldings(self.root, self.journal)

    def find(
        self, address: Address, every_byte: bool = False, listed: bool = False
    ) -> Entry | None:
        """The entry of an artifact that exists with all its files in their full size.

        The content of the files is looked at only if ``every_byte`` is asked for. Looking is
        cheap here, so that ``listed`` changes nothing.
        """
        entry = self.journal.find(address) or self._found_by_manifest(address)
        if entry is None or self._problem(entry) is not None:
            return None
        return None if every_byte and self.problem(address, every_byte) else entry

    def problem(self, address: Address, every_byte: bool = False) -> str | None:
        """What is wrong with an artifact that `find` does not find; None if it never existed."""
        if not os.path.exists(self._folder(address)):
            return "its folder is gone" if self.journal.find(address) else None
        try:
            entry = entry_of(self.manifest(address))
            problem = self._problem(entry)
            if problem is None and every_byte:
                self.read(entry, as_path=True)
        except CorruptPayload as error:
            return str(error)
        return problem

    def manifest(self, address: Address) -> Manifest:
        """The manifest of an artifact. Raises `CorruptPayload` when it is absent or torn."""
        path = self.path(address) / MANIFEST
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError) as error:
            raise CorruptPayload(str(path), "a manifest", type(error).__name__) from None
        return from_json(text, str(path))

    def entries(self, task: str, label: str) -> list[Entry]:
        """The artifacts under a label that the journal knows."""
        return self.journal.under(task, label)

    def latest(self, task: str, label: str) -> Manifest | None:
        """The newest artifact under a label that can still be read."""
        entries = self.entries(task, label)
        for entry in sorted(entries, key=lambda one: one.created, reverse=True):
            try:
                return self.manifest(entry.address)
            except CorruptPayload:
                continue
        return None

    def seconds(self, task: str, label: str) -> float | None:
        """How long the newest artifact under a label took to build."""
        last = self.latest(task, label)
        return last.seconds if last else None

    def labels(self, task: str) -> list[str]:
        """The labels that a task has a folder for."""
        place = self.root / task
        return sorted(one.name for one in place.iterdir()) if place.is_dir() else []

    def every(self, task: str, label: str) -> list[Entry]:
        """The artifacts in a label's folder, whatever the journal knows."""
        found: list[Entry] = []
        for path in (self.root / task / label).glob(f"*/{MANIFEST}"):
            try:
                found.append(entry_of(self.manifest((task, label, path.parent.name))))
            except CorruptPayload as error:
                logger.warning("%s; it is left out", error)
        return found

    def newest(self, task: str, label: str) -> Entry | None:
        """The newest artifact in a label's folder, whatever the journal knows."""
        return max(self.every(task, label), key=lambda one: one.created, default=None)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A private folder to write a payload in; removed unless committed."""
        stage = self.root / "_staging" / uuid.uuid4().hex
        stage.mkdir(parents=True)
        try:
            yield stage
        finally:
            if stage.exists():
                shutil.rmtree(stage, ignore_errors=True)

    def deliver(
        self, files: Path, stage: Path, address: Address, payload: dict[str, Payload]
    ) -> None:
        """Move files into the staging folder of who will commit them; machines share it."""
        if not stage.is_dir():
            raise StoreError(
                f"{socket.gethostname()} does not see {stage}. On a cluster [engine] root must be "
                "a bucket, or a folder that all of its machines mount in the same place."
            )
        for name in payload:
            shutil.move(files / name, stage / name)

    def commit(self, stage: Path, manifest: Manifest) -> Entry:
        """Make a staged payload exist, or take the equal artifact that was there first."""
        (stage / MANIFEST).write_bytes(manifest.to_json().encode("utf-8"))
        address = (manifest.task, manifest.label, manifest.key)
        final = self.path(address)
        try:
            _rename(stage, final)
        except OSError:
            if not final.exists():
                raise
            manifest = self.manifest(address)
        entry = entry_of(manifest)
        self.journal.append(entry)
        return entry

    def read(self, entry: Entry, as_path: bool = False) -> Any:
        """The value of an artifact, after checking every byte of it.

        Raises `CorruptPayload` when bytes differ from the manifest, `InputChanged` when the
        manifest is no longer the one the entry was made from.
        """
        try:
            return read_payload(entry, self._folder(entry.address), as_path)
        except CorruptPayload:
            if self.manifest(entry.address).digest != entry.digest:
                raise InputChanged("/".join(entry.address)) from None
            raise

    def by_key(self, task: str) -> dict[str, Address]:
        """Where the artifacts of a task that the journal knows lie, by key."""
        return {address[2]: address for address in self.journal.addresses(task)}

    def fetch(self, entries: Iterable[Entry]) -> None:
        """Nothing to do: the files are here."""

    def set_aside(self, address: Address) -> str | None:
        """Move a bad artifact out of the way, keeping it for whoever asks what happened."""
        if not self.path(address).exists():
            return None
        grave = self.root / "_corrupt" / Path(*address[:2]) / f"{address[2]}-{uuid.uuid4().hex[:6]}"
        grave.parent.mkdir(parents=True, exist_ok=True)
        os.rename(self.path(address), grave)
        self.journal.forget(address)
        return str(grave)

    def _found_by_manifest(self, address: Address) -> Entry | None:
        """The slow look, for an artifact whose journal line was lost."""
        if not os.path.isdir(self._folder(address)):
            return None
        try:
            entry = entry_of(self.manifest(address))
        except CorruptPayload:
            return None
        self.journal.restore(entry)
        return entry

    def _folder(self, address: Address) -> str:
        # Plain text: this is asked many times for every task, and making a Path is slow.
        return f"{self._root}/{'/'.join(address)}"

    def _problem(self, entry: Entry) -> str | None:
        folder = self._folder(entry.address)
        try:
            if not os.access(f"{folder}/{MANIFEST}", os.F_OK):
                return f"{MANIFEST} is gone"
            for name, size, _ in entry.files:
                found = os.stat(f"{folder}/{name}").st_size
                if found != size:
                    return f"{name} has {found:,} bytes instead of {size:,}"
        except OSError:
            return f"{name} is gone"
        return None


def _rename(stage: Path, final: Path) -> None:
    """Rename into a folder that is made for it, also if it is removed meanwhile for being empty."""
    for tries_left in reversed(range(5)):
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(stage, final)
            return
        except FileNotFoundError:
            if not tries_left or not stage.exists():
                raise
