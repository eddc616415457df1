"""The nights of a backfill: which are there, which are due, what they would cost."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import luigi

from tasks.engine.explain import Step, graph, plan
from tasks.engine.walk import is_artifact
from tasks.engine.workshop import workshop
from workflows.backfill.costs import Cost, Costs, Pace, pace_of

LOOKS = 3
"""How often a run looks at a night's graph: to plan, to schedule, to tell how it ended."""


@dataclass(frozen=True)
class Night:
    """One day of the range: the tasks that it is the first night to need, and are not there."""

    day: dt.date
    due: list[Step]
    costs: list[Cost]
    wall: float
    missing: list[str] = field(default_factory=list)
    """What is said of sources that are not there."""

    @property
    def is_there(self) -> bool:
        """Whether nothing has to be built for it."""
        return not self.due and not self.missing

    @property
    def seconds(self) -> float:
        """Seconds of work."""
        return sum(cost.seconds for cost in self.costs)


@dataclass(frozen=True)
class Backfill:
    """What a range of nights would take."""

    nights: list[Night]
    pace: Pace
    workers: int

    @property
    def due(self) -> list[Night]:
        """The nights with something to build."""
        return [one for one in self.nights if not one.is_there]

    @property
    def wall(self) -> float:
        """Seconds the due nights would take, one after another."""
        return sum(night.wall for night in self.due)

    @property
    def seconds(self) -> float:
        """Seconds of work in all."""
        return sum(night.seconds for night in self.due)

    @property
    def sources(self) -> Counter[str]:
        """How many tasks were estimated from themselves, from their kind, or not at all."""
        return Counter(cost.of for night in self.due for cost in night.costs)


def foreseen(
    days: Iterable[dt.date], task_of: Callable[[dt.date], luigi.Task], workers: int
) -> Backfill:
    """Look at all nights at once; an artifact that several need counts for the first of them."""
    started = time.monotonic()
    tasks = {day: task_of(day) for day in days}
    steps = {step.name: step for step in plan(*tasks.values()).steps}
    look = (time.monotonic() - started) / max(1, len(tasks))
    costs, pace = Costs(workshop().store), pace_of(workshop().log)
    nights = []
    for day, task in tasks.items():
        mine = [step for name in _names(task) if (step := steps.pop(name, None)) is not None]
        nights.append(_night(day, mine, costs, pace, workers, look))
    return Backfill(nights, pace, workers)


def _names(task: luigi.Task) -> list[str]:
    """The steps of a night's graph, as `plan` names them."""
    return [f"{one.task_family}/{one.label() if is_artifact(one) else one}"  # type: ignore[attr-defined]
            for one in graph(task)]  # fmt: skip


def _night(
    day: dt.date, steps: list[Step], costs: Costs, pace: Pace, workers: int, look: float
) -> Night:
    due = [step for step in steps if step.verdict in ("build", "maybe", "blocked")]
    missing = [step.reasons[0].subject for step in steps if step.verdict == "source missing"]
    found = [costs.of(step) for step in due]
    seconds = sum(cost.seconds for cost in found)
    wall = pace.wall(seconds, len(due), workers) + LOOKS * look if due else 0.0
    return Night(day, due, found, wall, missing)
