"""An index of a folder store: one line per committed artifact, appended, read in one go.

It only saves time. A line that is missing (a kill between the commit and the line) is found
by looking at the artifact itself; a torn last line is ignored; what a line promises is
checked against the files' sizes before it is believed.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from tasks.engine.manifest import Manifest

#: ``(task, label, key)``: where an artifact lies.
Address = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of an artifact without opening it."""

    address: Address
    digest: str
    created: str
    codec: str
    files: tuple[tuple[str, int, str], ...]
    """Name, size in bytes and SHA-256 of each file of the payload."""


def entry_of(manifest: Manifest) -> Entry:
    """The index entry of a manifest."""
    files = tuple((name, one.size, one.sha256) for name, one in manifest.payload.items())
    address = (manifest.task, manifest.label, manifest.key)
    return Entry(address, manifest.digest, manifest.created, manifest.codec, files)


class Journal:
    """The journal of one store, read incrementally."""

    def __init__(self, path: Path):
        self.path = path
        self.entries: dict[Address, Entry] = {}
        self.labels: dict[tuple[str, str], list[Address]] = {}
        self._offset = 0
        self._reader = os.getpid()

    def refresh(self) -> None:
        """Read the lines appended since the last look."""
        try:
            with self.path.open("rb") as lines:
                if lines.seek(0, os.SEEK_END) < self._offset:
                    self._forget()
                lines.seek(self._offset)
                text = lines.read()
        except FileNotFoundError:
            self._forget()
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            self._enter(line)

    def append(self, entry: Entry) -> None:
        """Add a line; one write, so that lines of several processes never mix."""
        line = json.dumps([*entry.address, entry.digest, entry.created, entry.codec, entry.files])
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            # The leading newline ends a line that a killed writer left torn.
            os.write(handle, f"\n{line}\n".encode())
        finally:
            os.close(handle)
        self._remember(entry)

    def restore(self, entry: Entry) -> None:
        """Enter an artifact whose line was not known, and write the line if it was lost.

        A forked worker only enters it: what it finds was just committed by another, and the
        process that began the run has read the lines of whatever was there before.
        """
        if os.getpid() == self._reader:
            self.refresh()
            if entry.address not in self.entries:
                self.append(entry)
        self._remember(entry)

    def forget(self, address: Address) -> None:
        """An artifact is gone or was set aside."""
        self.entries.pop(address, None)

    def _forget(self) -> None:
        self.entries.clear()
        self.labels.clear()
        self._offset = 0

    def _enter(self, line: bytes) -> None:
        if not line:
            return
        try:
            task, label, key, digest, created, codec, files = json.loads(line)
        except (ValueError, TypeError):
            return  # torn by a kill; the artifact itself will be found by its manifest
        self._remember(
            Entry((task, label, key), digest, created, codec, tuple(map(tuple, files)))
        )

    def _remember(self, entry: Entry) -> None:
        if entry.address not in self.entries:
            self.labels.setdefault(entry.address[:2], []).append(entry.address)
        self.entries[entry.address] = entry
