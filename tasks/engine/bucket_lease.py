"""Leases between machines: an object in the bucket that its holder renews.

Every step (taking, renewing, taking over, giving back) is a write over the generation that was
seen, so one of several always wins. Nobody compares clocks: a lease whose generation has stood
still for its length *on the waiter's own clock* is taken over. A holder that died is known at
once on its own machine, where the kernel has dropped its lock. Leases save work; what makes
results safe is that a manifest is created only once.
"""

import datetime as dt
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.engine.bucket import Bucket
from tasks.engine.errors import StoreError
from tasks.engine.lease import Found, Lease

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 3.0


class BucketLease(Lease):
    """The right to build one key, held by at most one live process of all machines."""

    def __init__(self, bucket: Bucket, folder: Path, key: str, seconds: float):
        super().__init__(folder, key, seconds)
        self._bucket = bucket
        self._name = f"_leases/{key}"
        self._machine = _machine_of(folder)
        self._generation: int | None = None
        self._guard = threading.Lock()

    @contextmanager
    def held_unless(self, done: Callable[[], Found | None]) -> Iterator[Found | None]:
        """Wait until the lease is ours (yield None) or until ``done`` finds the result."""
        found, is_ours_here = self._wait(done)
        if found is not None:
            yield found
            return
        self._begin_renewing()
        try:
            found = self._take(done)
            if found is None:
                # The holder before us may have committed between our look and our taking over.
                found = done()
            yield found
        finally:
            self._end_renewing()
            self._give_back()
            if is_ours_here:
                self._release()

    @contextmanager
    def held_now(self) -> Iterator[bool]:
        """Whether the lease could be had at once, for something short; nobody is waited for."""
        with super().held_now() as is_free_here:
            is_ours = is_free_here and (self._write(0) or self._taken_from_the_dead())
            try:
                yield is_ours
            finally:
                self._give_back()

    def renew(self) -> None:
        """Show whoever waits, here and elsewhere, that the holder is at work."""
        super().renew()
        with self._guard:
            if self._generation is None:
                return
            try:
                made = self._bucket.replace(
                    self._name, b"", self._generation, self._about(), patient=False)
            except StoreError as error:
                logger.warning("the lease %s was not renewed, and will be tried again: %s",
                               self._name, error)
                return
            self._generation = made.generation if made else None
            if made is None:
                logger.warning("the lease %s was taken over: this process stood still for longer "
                               "than %g s", self._name, self.seconds)

    def _take(self, done: Callable[[], Found | None]) -> Found | None:
        """Make the lease ours, or return the result that appeared meanwhile."""
        pause, seen, since = 0.05, 0, time.monotonic()
        while not self._write(0):
            held = self._bucket.stat(self._name)
            if held is None:
                continue
            if held.generation != seen:
                seen, since = held.generation, time.monotonic()
            # On this machine the kernel has the say, and it has let us through.
            is_dead = held.metadata.get("machine") == self._machine
            if (is_dead or time.monotonic() - since > self.seconds) and self._write(seen):
                return None
            if (found := done()) is not None:
                return found
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE, self.seconds / 4)
        return None

    def _taken_from_the_dead(self) -> bool:
        """Take over what a process of this machine held that is no more."""
        held = self._bucket.stat(self._name)
        is_dead = held is not None and held.metadata.get("machine") == self._machine
        return held is not None and is_dead and self._write(held.generation)

    def _write(self, generation: int) -> bool:
        with self._guard:
            made = self._bucket.replace(self._name, b"", generation, self._about())
            self._generation = made.generation if made else None
        return made is not None

    def _give_back(self) -> None:
        with self._guard:
            if self._generation is None:
                return
            try:
                self._bucket.delete(self._name, self._generation)
            except StoreError as error:
                logger.warning("the lease %s was not given back; it lapses after %g s: %s",
                               self._name, self.seconds, error)
            self._generation = None

    def _about(self) -> dict[str, str]:
        return {"machine": self._machine, "host": socket.gethostname(), "pid": str(os.getpid()),
                "renewed": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}


def _machine_of(folder: Path) -> str:
    """A name for whoever shares the locks in a folder; made once."""
    path = folder / "machine"
    with suppress(FileNotFoundError):
        if name := path.read_text():
            return name
    folder.mkdir(parents=True, exist_ok=True)
    mine = folder / f"machine-{uuid.uuid4().hex}"
    mine.write_text(mine.name)
    with suppress(FileExistsError):
        os.link(mine, path)
    mine.unlink()
    return path.read_text()
