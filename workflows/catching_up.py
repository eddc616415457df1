"""Nights that were missed: their source was late, or nothing ran.

Only nights that were never finished are caught up. A night that was finished stays as it is,
even when its code has changed since: rebuilding the past is a backfill, and nobody wants one
to begin by itself. A version that adds an end to the night makes the last few unfinished, once.
"""

import datetime as dt
from typing import Any

import luigi

from tasks.deployment import deployment
from tasks.engine.walk import is_artifact
from tasks.engine.workshop import workshop

#: What is wrong, worst first: the exit code of several nights is that of the worst.
_WORST_FIRST = (40, 30, 35, 20, 25)


def missed_before(task: luigi.Task, nights: int) -> list[luigi.Task]:
    """The same task for those of the ``nights`` before its day that were never finished.

    Oldest first, for each night competes with the champion of those before it. None before
    the source's first day.
    """
    if nights <= 0 or "day" not in dict(task.get_params()):
        return []
    night: dt.date = task.day  # type: ignore[attr-defined]
    earlier = [night - dt.timedelta(back) for back in range(nights, 0, -1)]
    first = deployment().first_day
    made = [task.clone(day=day) for day in earlier if day >= first]
    return [one for one in made if not was_finished(one)]


def was_finished(task: Any) -> bool:
    """Whether every end of a night has some artifact, of whatever code and content."""
    ends = [task] if is_artifact(task) else task.deps()
    return all(workshop().store.newest(one.task_family, one.label()) is not None
               for one in ends if is_artifact(one))  # fmt: skip


def worst(codes: list[int]) -> int:
    """The exit code of several nights."""
    return next((code for code in _WORST_FIRST if code in codes), 0)
