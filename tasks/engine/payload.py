"""The files of a payload on this machine: measured, hashed, and checked whenever they are read."""

import hashlib
import os
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tasks.engine import codec
from tasks.engine.errors import CorruptPayload
from tasks.engine.journal import Entry
from tasks.engine.manifest import Payload
from tasks.engine.recent_frames import RecentFrames

#: Files up to this many bytes are read once, for their hash and their value together.
SMALL = 1 << 20

#: Large files hashed at once.
_THREADS = 4

#: A window's days are read by every window that has them.
_recent = RecentFrames(512 << 20)


def write_payload(value: Any, stage: Path) -> tuple[str, dict[str, Payload]]:
    """Write a value into an empty folder: the codec's name, and the files.

    Frames in small files will be read from memory, while they are kept.
    """
    tables: dict[str, Any] = {}

    def keep(path: Path, table: Any) -> None:
        if path.stat().st_size <= SMALL:  # a large one is let go before the next is made
            tables[path.name] = table

    kind, payload = codec.write(value, stage, keep), payload_of(stage)
    for name, one in payload.items():
        if name in tables:
            _recent.keep_table(one.sha256, tables[name])
        if name.endswith(".parquet"):
            _recent.vouch(one.sha256, _stamp(f"{stage}/{name}"))
    return kind, payload


def payload_of(folder: Path) -> dict[str, Payload]:
    """Hash and measure every file of a staged payload."""
    with os.scandir(folder) as found:
        sizes = dict(sorted((one.name, one.stat().st_size) for one in found))
    large = _hashes(folder, [name for name, size in sizes.items() if size > SMALL])
    return {
        name: Payload(large.get(name) or _hash_of_small(f"{folder}/{name}"), size)
        for name, size in sizes.items()
    }


def read_payload(
    entry: Entry, folder: str, as_path: bool, sound: Collection[str] = ()
) -> Any:
    """The value of an artifact whose files lie in ``folder``, or their place; all checked.

    Large files that are ``sound`` (this process has just hashed them) are not hashed again.
    Raises `CorruptPayload` when bytes differ from the entry.
    """
    names = [name for name, _, _ in entry.files]
    for name, size, sha256 in entry.files:
        if (as_path or size > SMALL) and name not in sound:
            check(f"{folder}/{name}", size, sha256)
    if as_path:
        return codec.place(entry.codec, Path(folder), names)
    values = {name: _value(f"{folder}/{name}", size, sha256)
              for name, size, sha256 in entry.files}
    return values if entry.codec == "files" else values[names[0]]


def check(path: str, size: int, sha256: str, found_hash: str | None = None) -> None:
    """Raise `CorruptPayload` unless a file has this size and this hash (which may be known)."""
    try:
        found = os.stat(path).st_size
    except FileNotFoundError:
        raise CorruptPayload(path, f"{size:,} bytes", "no file") from None
    _compare(path, found, size, lambda: found_hash or file_hash(path), sha256)


def check_content(content: bytes, path: str, size: int, sha256: str) -> None:
    """As `check`, for what was read of a file."""
    _compare(path, len(content), size, lambda: hashlib.sha256(content).hexdigest(), sha256)


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in bounded memory."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _hashes(folder: Path, names: list[str]) -> dict[str, str]:
    """The hashes of large files, several at once: hashing does not hold Python's lock."""
    if len(names) < 2:
        return {name: file_hash(f"{folder}/{name}") for name in names}
    with ThreadPoolExecutor(min(_THREADS, len(names))) as threads:
        return dict(zip(names, threads.map(file_hash, [folder / name for name in names]),
                        strict=True))


def _hash_of_small(path: str) -> str:
    # For a small file, the buffer that bounds the memory of a large one costs more than hashing.
    return hashlib.sha256(_content(path)).hexdigest()


def _content(path: str) -> bytes:
    with open(path, "rb") as handle:
        return handle.read()


def _value(path: str, size: int, sha256: str) -> Any:
    """Read a file's value; a small one is read only once, for this and for its hash."""
    if size > SMALL:
        return codec.read_file(Path(path))
    try:
        # Only frames are kept: nothing else is asked about.
        stamp = _stamp(path) if path.endswith(".parquet") else None
        if stamp is not None and (frame := _recent.get(sha256, stamp)) is not None:
            return frame
        content = _content(path)
    except FileNotFoundError:
        raise CorruptPayload(path, f"{size:,} bytes", "no file") from None
    check_content(content, path, size, sha256)
    if stamp is None:
        return codec.read_bytes(content, os.path.splitext(path)[1])
    return _frame(content, sha256, stamp)


def _frame(content: bytes, sha256: str, stamp: tuple[int, ...]) -> Any:
    """The frame of these bytes, which may be known from another file."""
    frame = _recent.get(sha256)
    if frame is None:
        frame = codec.read_bytes(content, ".parquet")
        _recent.keep(sha256, frame, len(content))
    _recent.vouch(sha256, stamp)
    return frame


def _stamp(path: str) -> tuple[int, ...]:
    """A file as it is now, wherever it is moved."""
    stat = os.stat(path)
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _compare(path: str, found: int, size: int, hashed: Callable[[], str], sha256: str) -> None:
    if found != size:
        raise CorruptPayload(path, f"{size:,} bytes", f"{found:,}")
    if (digest := hashed()) != sha256:
        raise CorruptPayload(path, f"sha256 {sha256[:12]}", digest[:12])
