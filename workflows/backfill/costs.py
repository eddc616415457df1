"""What a task that was never built would cost, from the manifests of others like it.

A task whose label was built before takes what it took then. One that never was takes the median
of its kind (the same task of the same family or table) on the nearest days, in proportion to how
many inputs it has: a first night has little past to look at, and those after it have more.

Seconds of work become seconds of waiting by what the last runs here took: each task costs a
little around its recipe (a fork, a lease, the scheduler), and workers can share only a part of a
night's work (Amdahl 1967).
"""

import datetime as dt
import os
import re
from dataclasses import dataclass
from statistics import median

from tasks.engine.explain import Step
from tasks.engine.runs import Outcome, RunLog
from tasks.engine.store import Store

NEAREST = 5
WITHOUT_INPUTS = 4
"""What a task costs without any input, in inputs."""

PARALLEL = 0.8
"""The share of a night's work that several workers can share; the rest is a chain."""

AROUND = 0.1
"""Seconds around a recipe where no run is there to measure it."""

RUNS, FEW = 10, 10
"""How many of the last runs are looked at, and how many tasks make one worth looking at."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SHARD = re.compile(r"\.\d+$")


@dataclass(frozen=True)
class Cost:
    """Seconds of one task, and where they are from: ``itself``, ``its kind`` or ``unknown``."""

    seconds: float
    of: str


class Costs:
    """What tasks took, from a store's manifests."""

    def __init__(self, store: Store):
        self.store = store
        self._kinds: dict[tuple[str, str], list[tuple[dt.date, str]]] = {}
        self._labels: dict[tuple[str, str], tuple[float, int] | None] = {}

    def of(self, step: Step) -> Cost:
        """What a task that is due would take."""
        if step.seconds is not None:
            return Cost(step.seconds, "itself")
        day = day_of(step.label) or dt.date.max
        others = sorted(self._kind(step), key=lambda one: (abs(one[0] - day), one[1]))
        took = [self._took(step.task, label) for _, label in others[:NEAREST]]
        known = [seconds / (WITHOUT_INPUTS + inputs) * (WITHOUT_INPUTS + step.inputs)
                 for seconds, inputs in filter(None, took)]
        return Cost(median(known), "its kind") if known else Cost(0.0, "unknown")

    def _kind(self, step: Step) -> list[tuple[dt.date, str]]:
        wanted = (step.task, kind_of(step.label))
        if wanted not in self._kinds:
            for label in self.store.labels(step.task):
                kind = (step.task, kind_of(label))
                self._kinds.setdefault(kind, []).append((day_of(label) or dt.date.max, label))
            self._kinds.setdefault(wanted, [])
        return self._kinds[wanted]

    def _took(self, task: str, label: str) -> tuple[float, int] | None:
        """Seconds and inputs of the newest artifact under a label."""
        if (task, label) not in self._labels:
            last = self.store.latest(task, label)
            self._labels[task, label] = (last.seconds, len(last.inputs)) if last else None
        return self._labels[task, label]


@dataclass(frozen=True)
class Pace:
    """How seconds of work became seconds of waiting in an earlier run."""

    around: float = AROUND
    """Seconds each task cost around its recipe."""
    run: str = ""

    def wall(self, seconds: float, tasks: int, workers: int) -> float:
        """How long so much work takes with so many workers on this machine."""
        return (seconds + self.around * tasks) / speedup(workers)


def pace_of(log: RunLog) -> Pace:
    """The pace of the newest run that built enough to tell; the usual one without any."""
    for path in sorted(log.folder.glob("*.jsonl"), reverse=True)[:RUNS]:
        built = [one for one in log.outcomes(path.stem) if one.outcome == "built"]
        if len(built) >= FEW:
            return Pace(_around(built), path.stem)
    return Pace()


def _around(built: list[Outcome]) -> float:
    spans = [(end - dt.timedelta(seconds=one.seconds), end) for one in built
             if (end := dt.datetime.fromisoformat(one.at))]  # fmt: skip
    span = (max(end for _, end in spans) - min(start for start, _ in spans)).total_seconds()
    work = sum(one.seconds for one in built)
    return max(0.0, span * speedup(at_once(spans)) - work) / len(built)


def at_once(spans: list[tuple[dt.datetime, dt.datetime]]) -> int:
    """How many of some spans of time overlap at most."""
    moments = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    most = running = 0
    for _, change in moments:
        running += change
        most = max(most, running)
    return most


def speedup(workers: int) -> float:
    """How many times faster so many workers are than one, on this machine's cores."""
    able = max(1, min(workers, os.cpu_count() or 1))
    return 1 / (1 - PARALLEL + PARALLEL / able)


def kind_of(label: str) -> str:
    """A label without its days and shard: ``ad_targeting.2026-02-04.0`` is ``ad_targeting.``."""
    return _DAY.sub("", _SHARD.sub("", label))


def day_of(label: str) -> dt.date | None:
    """The first day that a label names."""
    found = _DAY.search(label)
    return dt.date.fromisoformat(found[0]) if found else None
