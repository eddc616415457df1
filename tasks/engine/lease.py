"""Leases: of several runs that need the same key, one builds and the others wait for it.

A lease is a lock of the kernel on one byte of a shared file (the key says which), so it costs
no file, and it lapses the instant its holder dies, however it dies. A holder that stands still
without dying (stopped, or on a machine that was lost) also loses it: while it works it renews
a beat, and a waiter that has watched the beat stand still for the lease's length *on its own
clock* goes ahead, so clocks need not agree. Leases save work; what makes results safe is that
an artifact can be committed only once.
"""

import fcntl
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")


class Lease:
    """The right to build one key, held by at most one live process."""

    def __init__(self, folder: Path, key: str, seconds: float):
        self.beat = folder / key
        self.seconds = seconds
        self._locks = _LockFile.of(folder)
        self._byte = int(key[:15], 16)

    @contextmanager
    def held_unless(self, done: Callable[[], Found | None]) -> Iterator[Found | None]:
        """Wait until the lease is ours (yield None) or until ``done`` finds the result."""
        found, is_ours = self._wait(done)
        if found is not None or not is_ours:
            yield found
            return
        self._begin_renewing()
        try:
            # The holder before us may have committed between our look and our taking over.
            yield done()
        finally:
            self._end_renewing()
            self._release()

    @contextmanager
    def held_now(self) -> Iterator[bool]:
        """Whether the lease could be had at once, for something short; nobody is waited for."""
        is_ours = self._locks.acquire(self._byte)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._locks.release(self._byte)

    def renew(self) -> None:
        """Show whoever waits that the holder is at work."""
        self.beat.write_text(str(time.monotonic_ns()))

    def _begin_renewing(self) -> None:
        _Renewer.of_this_process().add(self)

    def _end_renewing(self) -> None:
        _Renewer.of_this_process().remove(self)

    def _release(self) -> None:
        self.beat.unlink(missing_ok=True)
        self._locks.release(self._byte)

    def _wait(self, done: Callable[[], Found | None]) -> tuple[Found | None, bool]:
        """The result, or whether the lease is ours; neither when its holder stands still."""
        pause, seen, since = 0.02, "", time.monotonic()
        while not self._locks.acquire(self._byte):
            if (found := done()) is not None:
                return found, False
            if (beat := self._read_beat()) != seen:
                seen, since = beat, time.monotonic()
            if time.monotonic() - since > self.seconds:
                return None, False
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        return None, True

    def _read_beat(self) -> str:
        try:
            return self.beat.read_text()
        except FileNotFoundError:
            return ""


class _LockFile:
    """One open file per folder and process: closing any other would drop all of its locks."""

    _instances: dict[tuple[Path, int], "_LockFile"] = {}
    _opening = threading.Lock()

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(folder / "locks", os.O_RDWR | os.O_CREAT, 0o666)
        self._mine: set[int] = set()
        self._guard = threading.Lock()

    @classmethod
    def of(cls, folder: Path) -> "_LockFile":
        """A forked child holds none of its parent's locks, so each process has its own."""
        with cls._opening:
            key = (folder, os.getpid())
            if key not in cls._instances:
                cls._instances[key] = cls(folder)
            return cls._instances[key]

    def acquire(self, byte: int) -> bool:
        """Lock a byte if nobody has it, in this process or another."""
        with self._guard:
            if byte in self._mine:
                return False
            try:
                fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
            except (BlockingIOError, PermissionError):
                return False
            self._mine.add(byte)
            return True

    def release(self, byte: int) -> None:
        """Unlock a byte."""
        with self._guard:
            self._mine.discard(byte)
            fcntl.lockf(self._handle, fcntl.LOCK_UN, 1, byte)


class _Renewer:
    """One thread per process that keeps the beats of all leases it holds.

    It looks at a steady pace instead of being woken for each lease: most are given back long
    before their first beat is due, and changing threads cost more than all else about them.
    """

    _instances: dict[int, "_Renewer"] = {}

    def __init__(self) -> None:
        self._held: dict[Lease, float] = {}
        self._pace = math.inf
        self._changed = threading.Condition()
        threading.Thread(target=self._run, daemon=True).start()

    @classmethod
    def of_this_process(cls) -> "_Renewer":
        """A forked child does not inherit threads, so each process has its own."""
        if os.getpid() not in cls._instances:
            cls._instances[os.getpid()] = cls()
        return cls._instances[os.getpid()]

    def add(self, lease: Lease) -> None:
        """Renew a lease from now on."""
        with self._changed:
            self._held[lease] = time.monotonic() + lease.seconds / 4
            if lease.seconds / 8 < self._pace:
                self._pace = lease.seconds / 8
                self._changed.notify()

    def remove(self, lease: Lease) -> None:
        """Renew a lease no more; returns only when no renewal of it is under way."""
        with self._changed:
            self._held.pop(lease, None)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait(self._pace if self._pace < math.inf else None)
                for lease, when in list(self._held.items()):
                    if when <= time.monotonic():
                        lease.renew()
                        self._held[lease] = time.monotonic() + lease.seconds / 4
