"""Leases: of several runs that need the same key, one builds and the others wait for it.

A lease is a small file with the holder's name and a beat, renewed while the holder lives. A
waiter takes over when the holder's process is known to be dead, or when it has watched the
beat stand still for the lease's length *on its own clock*, so clocks need not agree. Leases
save work; what makes results safe is that an artifact can be committed only once.
"""

import fcntl
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tasks.engine.settings import machine

Found = TypeVar("Found")


class Lease:
    """The right to build one key, held by at most one live process."""

    def __init__(self, path: Path, seconds: float):
        self.path = path
        self.seconds = seconds
        self.holder = f"{machine()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    @contextmanager
    def held_unless(self, done: Callable[[], Found | None]) -> Iterator[Found | None]:
        """Wait until the lease is ours (yield None) or until ``done`` finds the result."""
        found = self._wait(done)
        if found is not None:
            yield found
            return
        stop = threading.Event()
        renewer = threading.Thread(target=self._renew, args=(stop,), daemon=True)
        renewer.start()
        try:
            # The holder before us may have committed between our look and our taking over.
            yield done()
        finally:
            stop.set()
            renewer.join()
            self._release()

    def _wait(self, done: Callable[[], Found | None]) -> Found | None:
        pause, seen, since = 0.02, b"", time.monotonic()
        while not self._create():
            if (found := done()) is not None:
                return found
            content = self._content()
            if content != seen:
                seen, since = content, time.monotonic()
            expired = time.monotonic() - since > self.seconds
            if seen and (expired or _holder_is_dead(seen)) and self._take_over(seen):
                return None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        return None

    def _create(self) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return False
        os.write(handle, self._text(0))
        os.close(handle)
        return True

    def _text(self, beat: int) -> bytes:
        return json.dumps({"holder": self.holder, "beat": beat}).encode()

    def _content(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""

    def _replace(self, expected: Callable[[bytes], bool], text: bytes | None) -> bool:
        """Swap the content if it is still as expected; None removes the lease."""
        with self._exclusive():
            if not expected(self._content()):
                return False
            if text is None:
                self.path.unlink(missing_ok=True)
            else:
                fresh = self.path.with_name(f"{self.path.name}.{uuid.uuid4().hex[:8]}")
                fresh.write_bytes(text)
                os.replace(fresh, self.path)
            return True

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """A moment alone with all leases; the kernel ends it when its owner dies."""
        guard = os.open(self.path.parent / ".guard", os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield
        finally:
            os.close(guard)

    def _take_over(self, seen: bytes) -> bool:
        return self._replace(lambda content: content == seen, self._text(0))

    def _renew(self, stop: threading.Event) -> None:
        beat = 0
        while not stop.wait(self.seconds / 4):
            beat += 1
            if not self._replace(self._is_mine, self._text(beat)):
                return

    def _release(self) -> None:
        self._replace(self._is_mine, None)

    def _is_mine(self, content: bytes) -> bool:
        return _holder_in(content) == self.holder


def _holder_in(content: bytes) -> str:
    try:
        return str(json.loads(content)["holder"])
    except (ValueError, KeyError, TypeError):
        return ""  # torn by a kill while it was written: nobody's


def _holder_is_dead(content: bytes) -> bool:
    """Whether the holder is a process of this machine that no longer runs."""
    place, _, rest = _holder_in(content).rpartition(":")
    place, _, process = place.rpartition(":")
    if place != machine() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(process))


def _is_zombie(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
