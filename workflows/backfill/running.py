"""Running the nights of a backfill: oldest first, each with a fresh look at what is there."""

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import luigi

from tasks.engine.explain import Plan, plan
from tasks.engine.run import Summary, build
from workflows.backfill.nights import Backfill
from workflows.backfill.tonight import making_way, wait_for_tonight

KINDNESS = 10
"""By how much the priority of a backfill's processes is lowered (nice)."""


@dataclass(frozen=True)
class Ran:
    """How one night of a backfill ended."""

    day: dt.date
    summary: Summary | None
    """None when nothing had to be built."""
    planned: Plan
    seconds: float
    paused: int = 0
    """How often it stopped for a nightly run."""


def run_nights(
    days: list[dt.date], task_of: Callable[[dt.date], luigi.Task], lock: Path,
    tell: Callable[[str], None], **options: Any,
) -> Iterator[Ran]:
    """Build every night in order, and stop after the first that could not be completed.

    A night is planned when its turn comes: it continues from what the nights before it left.
    """
    os.nice(KINDNESS)
    for day in days:
        ran = run_night(day, task_of, lock, tell, **options)
        yield ran
        if ran.summary is not None and not ran.summary.succeeded:
            return


def run_night(
    day: dt.date, task_of: Callable[[dt.date], luigi.Task], lock: Path,
    tell: Callable[[str], None], **options: Any,
) -> Ran:
    """Build one night, however often a nightly run comes in between."""
    paused, worked = 0, 0.0
    while True:
        wait_for_tonight(lock, tell)
        started = time.monotonic()
        task = task_of(day)
        planned = plan(task)
        if len(planned.having("current")) == len(planned.steps):
            return Ran(day, None, planned, worked + time.monotonic() - started, paused)
        with making_way(lock) as stopped:
            summary = build([task], log_level="WARNING", **options)
        worked += time.monotonic() - started
        if summary.succeeded or summary.failed or not stopped.is_set():
            return Ran(day, summary, planned, worked, paused)
        paused += 1


class Remaining:
    """What is left of a backfill, corrected by what the nights so far really took."""

    def __init__(self, foreseen: Backfill):
        self._wall = {night.day: night.wall for night in foreseen.nights}
        self._foreseen = self._took = 0.0

    def done(self, ran: Ran) -> float:
        """One night more is done; the seconds that are left."""
        wall = self._wall.pop(ran.day, 0.0)
        if ran.summary is not None:
            self._foreseen += wall
            self._took += ran.seconds
        factor = self._took / self._foreseen if self._foreseen > 0 else 1.0
        return factor * sum(self._wall.values())
