"""Where artifacts live: a folder in which each is created once, whole, and never changed.

::

    <root>/<Task>/<label>/<key>/manifest.json   and the payload's files beside it
    <root>/_staging/   being written         <root>/_corrupt/   set aside
    <root>/_leases/    being built           <root>/_runs/      what each run did
    <root>/_journal.jsonl   an index, only for speed

An artifact is written in staging and then renamed into place in one step, manifest and all;
a rename onto an existing artifact fails, so a key is never written twice. Files are not
synced to disk: after a power cut a torn payload is found by its size or digest, and rebuilt.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tasks.engine import codec
from tasks.engine.errors import CorruptPayload, InputChanged
from tasks.engine.journal import Address, Entry, Journal, entry_of
from tasks.engine.manifest import Manifest, Payload, from_json

MANIFEST = "manifest.json"

#: Files up to this many bytes are read once, for their hash and their value together.
_SMALL = 1 << 20


class FolderStore:
    """Artifacts in a folder of this machine (or one that machines share)."""

    def __init__(self, root: Path):
        self.root = root
        self._root = str(root)
        self.journal = Journal(root / "_journal.jsonl")

    def refresh(self) -> None:
        """Look again at what exists; one read, whatever the number of artifacts."""
        self.journal.refresh()

    def path(self, address: Address) -> Path:
        """The folder of an artifact, whether it exists or not."""
        return Path(self._folder(address))

    def find(self, address: Address, every_byte: bool = False) -> Entry | None:
        """The entry of an artifact that exists with all its files in their full size.

        The content of the files is looked at only if ``every_byte`` is asked for.
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

    def latest(self, task: str, label: str) -> Manifest | None:
        """The newest artifact under a label that can still be read."""
        entries = self.journal.under(task, label)
        for entry in sorted(entries, key=lambda one: one.created, reverse=True):
            try:
                return self.manifest(entry.address)
            except CorruptPayload:
                continue
        return None

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

    def commit(self, stage: Path, manifest: Manifest) -> Entry:
        """Make a staged payload exist, or take the equal artifact that was there first."""
        (stage / MANIFEST).write_bytes(manifest.to_json().encode("utf-8"))
        address = (manifest.task, manifest.label, manifest.key)
        final = self.path(address)
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(stage, final)
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
        folder = self._folder(entry.address)
        names = [name for name, _, _ in entry.files]
        try:
            if as_path:
                for name, size, sha256 in entry.files:
                    _check(f"{folder}/{name}", size, sha256)
                return codec.place(entry.codec, Path(folder), names)
            values = {name: _checked(f"{folder}/{name}", size, sha256)
                      for name, size, sha256 in entry.files}
        except CorruptPayload:
            if self.manifest(entry.address).digest != entry.digest:
                raise InputChanged("/".join(entry.address)) from None
            raise
        return values if entry.codec == "files" else values[names[0]]

    def set_aside(self, address: Address) -> Path:
        """Move a bad artifact out of the way, keeping it for whoever asks what happened."""
        grave = self.root / "_corrupt" / Path(*address[:2]) / f"{address[2]}-{uuid.uuid4().hex[:6]}"
        grave.parent.mkdir(parents=True, exist_ok=True)
        os.rename(self.path(address), grave)
        self.journal.forget(address)
        return grave

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
        folder = f"{self._folder(entry.address)}/"
        for name, size, _ in ((MANIFEST, None, None), *entry.files):
            try:
                found = os.stat(folder + name).st_size
            except OSError:
                return f"{name} is gone"
            if size is not None and found != size:
                return f"{name} has {found:,} bytes instead of {size:,}"
        return None


def payload_of(folder: Path) -> dict[str, Payload]:
    """Hash and measure every file of a staged payload."""
    with os.scandir(folder) as found:
        sizes = sorted((one.name, one.stat().st_size) for one in found)
    return {name: Payload(_hash_of(f"{folder}/{name}", size), size) for name, size in sizes}


def _hash_of(path: str, size: int) -> str:
    # For a small file, the buffer that bounds the memory of a large one costs more than hashing.
    return hashlib.sha256(_content(path)).hexdigest() if size <= _SMALL else file_hash(path)


def _content(path: str) -> bytes:
    with open(path, "rb") as handle:
        return handle.read()


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in bounded memory."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _checked(path: str, size: int, sha256: str) -> Any:
    """Read a file's value, its bytes checked; a small one is read only once."""
    if size > _SMALL:
        _check(path, size, sha256)
        return codec.read_file(Path(path))
    try:
        content = _content(path)
    except FileNotFoundError:
        raise CorruptPayload(path, f"{size:,} bytes", "no file") from None
    _compare(path, len(content), size, lambda: hashlib.sha256(content).hexdigest(), sha256)
    return codec.read_bytes(content, os.path.splitext(path)[1])


def _check(path: str, size: int, sha256: str) -> None:
    try:
        found = os.stat(path).st_size
    except FileNotFoundError:
        raise CorruptPayload(path, f"{size:,} bytes", "no file") from None
    _compare(path, found, size, lambda: file_hash(path), sha256)


def _compare(path: str, found: int, size: int, hashed: Callable[[], str], sha256: str) -> None:
    if found != size:
        raise CorruptPayload(path, f"{size:,} bytes", f"{found:,}")
    if (digest := hashed()) != sha256:
        raise CorruptPayload(path, f"sha256 {sha256[:12]}", digest[:12])
