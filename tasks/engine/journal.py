"""An index of a folder store: one line per committed artifact, appended, read in one go.

It only saves time. A line that is missing (a kill between the commit and the line) is found
by looking at the artifact itself; a torn last line is ignored; what a line promises is
checked against the files' sizes before it is believed. A line is taken apart only when it is
asked for, so that a night does not pay for all the nights before it.
"""

import contextlib
import json
import os
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import NamedTuple

from tasks.engine.manifest import Manifest

#: ``(task, label, key)``: where an artifact lies.
Address = tuple[str, str, str]


class Entry(NamedTuple):
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
        self._known: dict[bytes, bytes | Entry] = {}
        self._labels: dict[bytes, list[bytes]] | None = None
        self._offset = 0
        self._reader = os.getpid()

    def skip(self) -> None:
        """Take notice only of lines that are appended from now on."""
        with contextlib.suppress(FileNotFoundError):
            self._offset = self.path.stat().st_size

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
            if line:
                self._enter(_part(line, 3), line)

    def find(self, address: Address) -> Entry | None:
        """The entry of an artifact, if there is a line of it."""
        return self._read(_start(address))

    def under(self, task: str, label: str) -> list[Entry]:
        """The entries under a label, in the order in which they were first written."""
        if self._labels is None:
            self._labels = {}
            for start in self._known:
                self._labels.setdefault(_part(start, 2), []).append(start)
        entries = map(self._read, self._labels.get(_start((task, label)), []))
        return [entry for entry in entries if entry is not None]

    def labels(self, task: str) -> set[str]:
        """The labels of a task that there are lines of."""
        start = _start((task, ""))
        entries = [self._read(one) for one in list(self._known) if one.startswith(start)]
        return {entry.address[1] for entry in entries if entry is not None}

    def addresses(self, task: str) -> list[Address]:
        """Where the artifacts of a task lie; no line is taken apart more than that needs."""
        start = _start((task, ""))
        found = [json.loads(one + b'"]') for one in list(self._known) if one.startswith(start)]
        return [(task, label, key) for task, label, key in found]

    def append(self, entry: Entry) -> None:
        """Add a line; one write, so that lines of several processes never mix."""
        line = json.dumps([*entry.address, entry.digest, entry.created, entry.codec, entry.files])
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            # The leading newline ends a line that a killed writer left torn.
            written = os.write(handle, f"\n{line}\n".encode())
            if (end := os.lseek(handle, 0, os.SEEK_CUR)) == self._offset + written:
                self._offset = end  # nobody else wrote, so there is nothing to read
        finally:
            os.close(handle)
        self._enter(_start(entry.address), entry)

    def restore(self, entry: Entry) -> None:
        """Enter an artifact whose line was not known, and write the line if it was lost.

        A forked worker only enters it: what it finds was just committed by another, and the
        process that began the run has read the lines of whatever was there before.
        """
        if os.getpid() == self._reader:
            self.refresh()
            if self.find(entry.address) is None:
                self.append(entry)
        self._enter(_start(entry.address), entry)

    def forget(self, address: Address) -> None:
        """An artifact is gone or was set aside."""
        self._known.pop(_start(address), None)

    def _forget(self) -> None:
        self._known.clear()
        self._labels = None
        self._offset = 0

    def _enter(self, start: bytes, line: bytes | Entry) -> None:
        if self._labels is not None and start not in self._known:
            under = self._labels.setdefault(_part(start, 2), [])
            if start not in under:
                under.append(start)
        self._known[start] = line

    def _read(self, start: bytes) -> Entry | None:
        known = self._known.get(start)
        if isinstance(known, bytes):
            known = _entry_in(known)
            if known is None:
                del self._known[start]
            else:
                self._known[start] = known
        return known


def _start(texts: tuple[str, ...]) -> bytes:
    """What a line about these texts starts with, up to the last quotation mark."""
    return f"[{', '.join(map(quoted, texts))}"[:-1].encode()


def _part(line: bytes, texts: int) -> bytes:
    """As `_start`, of a line: a quotation mark inside a text has a backslash before it."""
    return b'", "'.join(line.split(b'", "', texts)[:texts])


def _entry_in(line: bytes) -> Entry | None:
    try:
        task, label, key, digest, created, codec, files = json.loads(line.decode())
        return Entry((task, label, key), digest, created, codec, tuple(map(tuple, files)))
    except (ValueError, TypeError):
        return None  # torn by a kill; the artifact itself will be found by its manifest
