"""Copies on this machine of what lies in a bucket: bounded, checked, and safe to delete.

::

    <folder>/<Task>/<label>/<key>/manifest.json   and the payload's files, as in a folder store

A copy appears by a rename, so it is whole or absent; its hash is checked at every use (but not
again by a process that has just done it, unless somebody touched the file). When the copies grow
over the limit, those that were used longest ago go first, never those that a process works on:
it holds a lock of the kernel on them, which it cannot leave behind.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from tasks.engine.journal import Address, Entry

#: So begins the name of a file that is not whole yet.
_COMING = ".arriving-"

#: How often, in seconds, and after which part of the limit, copies are counted again.
_PAUSE, _PART = 60.0, 16

#: What was begun this long ago, in seconds, belongs to a process that was killed.
_ABANDONED = 3 * 86400


class PayloadCache:
    """A folder of copies."""

    def __init__(self, folder: Path, limit: int):
        self.folder = folder
        self.limit = limit
        self._written = 0
        self._hashed: dict[tuple[Address, str], tuple[str, int, int, int]] = {}
        self._uses = _Uses(folder / "_leases" / "uses")

    def path(self, address: Address) -> Path:
        """The folder of an artifact's copies."""
        return self.folder.joinpath(*address)

    def lacks(self, address: Address, name: str, size: int | None) -> bool:
        """Whether there is no copy of a file (in this size, if it is known)."""
        try:
            found = os.stat(f"{self.folder}/{'/'.join(address)}/{name}").st_size
            return size not in (None, found)
        except OSError:
            return True

    def signature(self, address: Address) -> list[tuple[str, int, int]]:
        """What changes when a copy of an artifact does: names, sizes, times."""
        with contextlib.suppress(OSError):
            files = [(one.name, one.stat()) for one in self._copied(address)]
            return sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in files)
        return []

    def hold(self, address: Address) -> None:
        """Keep an artifact's copies until `release`, however full the cache becomes."""
        self._uses.share(_byte(address))
        with contextlib.suppress(OSError):
            os.utime(self.path(address))

    def release(self) -> None:
        """Hold nothing any more; make room if there should be more of it."""
        self._uses.release()
        if self._written > self.limit // _PART or self._is_due():
            self.trim()

    def vouch(self, address: Address, name: str, sha256: str) -> None:
        """This process has just found that a copy has this hash (if nobody dropped it since)."""
        with contextlib.suppress(FileNotFoundError):
            stat = os.stat(f"{self.folder}/{'/'.join(address)}/{name}")
            self._hashed[address, name] = sha256, stat.st_size, stat.st_mtime_ns, stat.st_ino

    def sound(self, entry: Entry) -> set[str]:
        """The copies that this process has hashed, and that nobody has touched since."""
        sound = set()
        for name, _, sha256 in entry.files:
            with contextlib.suppress(OSError):
                stat = (self.path(entry.address) / name).stat()
                now = sha256, stat.st_size, stat.st_mtime_ns, stat.st_ino
                if self._hashed.get((entry.address, name)) == now:
                    sound.add(name)
        return sound

    @contextlib.contextmanager
    def arriving(self, address: Address, name: str) -> Iterator[Path]:
        """A place to write a copy to; it takes its name when all went well."""
        folder = f"{self.folder}/{'/'.join(address)}"
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
        # Beside where it goes: between folders, a rename of a small file costs a good part of it.
        place = f"{folder}/{_COMING}{uuid.uuid4().hex}"
        try:
            yield Path(place)
            self._written += os.stat(place).st_size
            os.replace(place, f"{folder}/{name}")
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(place)
            raise

    def adopt(self, stage: Path, address: Address) -> None:
        """Keep what was just written to the bucket as its copy."""
        folder = self.path(address)
        folder.mkdir(parents=True, exist_ok=True)
        for one in sorted(stage.iterdir()):
            self._written += one.stat().st_size
            os.replace(one, folder / one.name)

    def drop(self, address: Address) -> None:
        """Remove the copies of one artifact; the folder stays, for what is just arriving."""
        with contextlib.suppress(OSError):
            for one in self._copied(address):
                os.unlink(one)

    def trim(self) -> None:
        """Remove the copies used longest ago until the others are within the limit."""
        self._written = 0
        self._stamp().touch()
        self._clear_up()
        found = sorted(self._copies())
        self._remove_empty(found)
        excess = sum(size for _, size, _ in found) - self.limit
        for _, size, address in found:
            if excess <= 0:
                break
            with self._uses.alone(_byte(address)) as is_free:
                if is_free:
                    self.drop(address)
                    self._remove_folder(address)
                    excess -= size

    def _copied(self, address: Address) -> list[os.DirEntry[str]]:
        with os.scandir(self.path(address)) as found:
            return [one for one in found if not one.name.startswith(_COMING)]

    def _copies(self) -> Iterator[tuple[float, int, Address]]:
        """When each artifact's copies were last used, and how large they are."""
        for folder in self.folder.glob("[!_]*/*/*"):
            with contextlib.suppress(OSError):
                size = sum(one.stat().st_size for one in os.scandir(folder))
                task, label, key = folder.parts[-3:]
                yield folder.stat().st_mtime, size, (task, label, key)

    def _remove_empty(self, found: list[tuple[float, int, Address]]) -> None:
        """Remove the folders of copies dropped long ago; a younger one may be about to get some."""
        for used, size, address in found:
            if not size and time.time() - used > _ABANDONED:
                self._remove_folder(address)

    def _remove_folder(self, address: Address) -> None:
        with contextlib.suppress(OSError):  # something came
            self.path(address).rmdir()

    def _clear_up(self) -> None:
        """Remove what killed processes left half done."""
        half = self.folder.glob("_staging/*"), self.folder.glob(f"[!_]*/*/*/{_COMING}*")
        for one in itertools.chain(*half):
            with contextlib.suppress(OSError):
                if time.time() - one.stat().st_mtime > _ABANDONED:
                    shutil.rmtree(one) if one.is_dir() else one.unlink()

    def _is_due(self) -> bool:
        try:
            return time.time() - self._stamp().stat().st_mtime > _PAUSE
        except OSError:
            return True

    def _stamp(self) -> Path:
        stamp = self.folder / "_leases" / "trimmed"
        stamp.parent.mkdir(parents=True, exist_ok=True)
        return stamp


def _byte(address: Address) -> int:
    return int(address[2][:15], 16)


class _Uses:
    """Locks on the bytes of one file: shared by those who use a copy, alone for who removes it."""

    def __init__(self, path: Path):
        self._path = path
        self._handles: dict[int, int] = {}
        self._mine: set[int] = set()

    def share(self, byte: int) -> None:
        """Say that a copy is in use by this process."""
        handle = self._handle()
        if byte not in self._mine:
            fcntl.lockf(handle, fcntl.LOCK_SH, 1, byte)
            self._mine.add(byte)

    def release(self) -> None:
        """Say that this process uses nothing any more."""
        handle = self._handle()
        for byte in self._mine:
            fcntl.lockf(handle, fcntl.LOCK_UN, 1, byte)
        self._mine.clear()

    @contextlib.contextmanager
    def alone(self, byte: int) -> Iterator[bool]:
        """Whether nobody uses a copy; nobody can begin to, meanwhile."""
        handle = self._handle()
        if byte in self._mine:
            yield False
            return
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):
            yield False
            return
        try:
            yield True
        finally:
            fcntl.lockf(handle, fcntl.LOCK_UN, 1, byte)

    def _handle(self) -> int:
        """A forked child holds none of its parent's locks, so each process has its own file."""
        if os.getpid() not in self._handles:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            self._handles, self._mine = {os.getpid(): handle}, set()
        return self._handles[os.getpid()]
