"""Out of tonight's way: whether a nightly run is at work, and stopping for it.

The cron line of a night holds a lock (``flock``, setting ``[setlist] night_lock``). A backfill
never takes that lock, since the night would then give up; it looks whether somebody holds it.
When a night begins, Luigi's worker is told to begin no other task (SIGUSR1): what runs ends, what
was built is kept, and the backfill goes on when the lock is free.
"""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.deployment_settings import SetlistSettings

LOOK_SECONDS = 1.0
PROC = Path("/proc/locks")


def night_lock() -> Path:
    """The file that a nightly run holds a lock on."""
    return SetlistSettings.read().night_lock


def is_held(lock: Path) -> bool:
    """Whether another process holds a lock on a file.

    Looked up without touching the lock where the system lists locks: a lock that is tried for an
    instant could turn away the night that begins in that instant.
    """
    try:
        inode = lock.stat().st_ino
    except FileNotFoundError:
        return False
    if PROC.exists() and f":{inode} " not in PROC.read_text():
        return False
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def wait_for_tonight(lock: Path, tell: Callable[[str], None]) -> bool:
    """Return when no nightly run is at work; whether there was one."""
    if not is_held(lock):
        return False
    tell(f"a nightly run holds {lock}; waiting until it has ended")
    while is_held(lock):
        time.sleep(LOOK_SECONDS)
    return True


@contextmanager
def making_way(lock: Path) -> Iterator[threading.Event]:
    """While a night is built: stop beginning tasks when a nightly run starts.

    The event is set when that happened. Must be entered in the main thread.
    """
    # Until Luigi's worker listens, the signal would end the process.
    if signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    stopped, ended = threading.Event(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(lock, stopped, ended), daemon=True)
    watcher.start()
    try:
        yield stopped
    finally:
        ended.set()
        watcher.join()


def _watch(lock: Path, stopped: threading.Event, ended: threading.Event) -> None:
    while not ended.wait(LOOK_SECONDS):
        if is_held(lock):
            stopped.set()
            # Again and again: the worker may not have been there yet.
            os.kill(os.getpid(), signal.SIGUSR1)


@contextmanager
def alone(place: Path) -> Iterator[bool]:
    """Hold the lock of backfills; False when another backfill of this store is at work."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("ab") as file:
        try:
            # Not inherited by forked workers, so that it ends with this process however that ends.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            yield False
            return
        yield True
