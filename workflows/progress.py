"""Progress while a run works: read from the run's own record, which every worker writes."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tasks.engine.runs import Outcome
from tasks.engine.workshop import workshop
from workflows.printing import say, seconds


@contextmanager
def watching(due: int, quiet: bool = False) -> Iterator[None]:
    """Show how far a run has come: a moving line on a terminal, a line now and then elsewhere."""
    if quiet or due == 0:
        yield
        return
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(due, stop), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


@contextmanager
def counting(due: int, what: str, quiet: bool = False) -> Iterator[Callable[[], None]]:
    """Count something that is done here, one by one: a moving line on a terminal alone."""
    done, moving, shown = 0, sys.stdout.isatty() and not quiet, time.monotonic()

    def count() -> None:
        nonlocal done, shown
        done += 1
        if moving and time.monotonic() - shown > 0.2:
            shown = time.monotonic()
            sys.stdout.write(f"\r\x1b[K  {what} {done:,} of {due:,}")
            sys.stdout.flush()

    yield count
    if moving:
        sys.stdout.write("\r\x1b[K")


def _watch(due: int, stop: threading.Event) -> None:
    started, shown = time.monotonic(), -1
    moving = sys.stdout.isatty()
    while not stop.wait(0.5 if moving else 5.0):
        done = workshop().log.outcomes()
        if moving or len(done) != shown:
            _show(done, due, time.monotonic() - started, moving)
            shown = len(done)
    if moving:
        sys.stdout.write("\r\x1b[K")


def _show(done: list[Outcome], due: int, elapsed: float, moving: bool) -> None:
    last = f"  {done[-1].task} {done[-1].label}" if done else ""
    text = f"  {len(done):>5} of {due}  {seconds(elapsed)}{last}"
    if moving:
        sys.stdout.write(f"\r\x1b[K{text[:100]}")
        sys.stdout.flush()
    else:
        say(text)
        sys.stdout.flush()
