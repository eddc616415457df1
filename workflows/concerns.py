"""What is wrong after a run, each thing with the page of the runbook that says what to do.

A refused model is a result and no failure, but somebody wants to know of it; so it is among the
concerns of a night that ends with 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import luigi

from tasks.champion_age import champion_ages
from tasks.engine.errors import EngineError, SchedulerUnreachable
from tasks.engine.explain import Plan, graph
from tasks.engine.run import Summary
from tasks.engine.walk import Walk, is_artifact
from workflows.highlights import Highlight
from workflows.naming import UnknownName
from workflows.stopping import Stopped

#: Every kind of concern, but for those that monitoring tasks name themselves.
KINDS = ("failed", "source missing", "not run", "refused", "stale champion", "scheduler down",
         "not started", "exception", "stopped", "killed")
#: The kinds that monitoring tasks raise (the key ``alarms`` of their artifacts).
ALARMS = ("drift", "calibration", "volume", "freshness", "performance", "stale champion")
#: Kinds of a run that did not come to its end: it could not look at anything else.
WITHOUT_END = ("scheduler down", "not started", "exception", "stopped", "killed")


@dataclass(frozen=True)
class Concern:
    """One thing that is wrong: its kind, what it is about, a sentence, the runbook's heading."""

    kind: str
    subject: str
    sentence: str
    runbook: str

    @property
    def identity(self) -> tuple[str, str]:
        """What makes it the same concern another night."""
        return self.kind, self.subject


@dataclass(frozen=True)
class Ended:
    """A run that came to its end: what was asked for, what was planned, and what became of it.

    ``walk`` is a look at what was there afterwards.
    """

    task: luigi.Task
    summary: Summary
    planned: Plan
    walk: Walk
    highlights: list[Highlight]
    seconds: float
    exit_code: int


def concern(kind: str, subject: str, sentence: str) -> Concern:
    """A concern with the runbook's page of its kind."""
    return Concern(kind, subject, sentence, kind.replace(" ", "-"))


def concerns_of(ended: Ended, stale_after_days: int) -> list[Concern]:
    """What is wrong after a run, gravest first, each thing once."""
    found = [*_failed(ended), *_missing(ended), *_not_run(ended), *_refused(ended),
             *_alarms(ended), *_stale(ended, stale_after_days)]  # fmt: skip
    return list({one.identity: one for one in reversed(found)}.values())[::-1]


def concern_of(error: BaseException, what: str) -> Concern:
    """The concern of a run of ``what`` that an error ended."""
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SchedulerUnreachable):
        return concern("scheduler down", error.url, str(error))
    if isinstance(error, Stopped):
        return concern("stopped", what, f"the run {error}")
    if isinstance(error, (EngineError, UnknownName)):
        return concern("not started", what, said)
    return concern("exception", what, said)


def _failed(ended: Ended) -> Iterator[Concern]:
    for one in ended.summary.failed:
        yield concern("failed", f"{one.task}/{one.label}", one.message)


def _missing(ended: Ended) -> Iterator[Concern]:
    if not ended.summary.succeeded:
        for step in ended.planned.having("source missing"):
            yield concern("source missing", step.label, str(step.reasons[0].subject))


def _not_run(ended: Ended) -> Iterator[Concern]:
    """Something asked for is not there, and no failure or missing source says why."""
    explained = ended.summary.failed or ended.planned.having("source missing")
    if not ended.summary.succeeded and not explained:
        what = ", ".join(ended.summary.incomplete)
        yield concern("not run", what, f"{what} was not run, and nothing failed; another run may "
                      "hold it, or the scheduler gave it to somebody else")  # fmt: skip


def _refused(ended: Ended) -> Iterator[Concern]:
    for one in ended.highlights:
        if one.what == "decision" and one.verdict == "refused":
            yield concern("refused", one.text.split(" ")[0], one.text)


def _alarms(ended: Ended) -> Iterator[Concern]:
    """What the artifacts of monitoring tasks below what was asked for raise."""
    walk = ended.walk
    for task in filter(is_artifact, graph(ended.task)):
        entry = walk.state(task).entry
        if entry is not None and entry.codec == "json":
            value: Any = walk.workshop.store.read(entry)
            for one in value.get("alarms", []) if isinstance(value, dict) else []:
                yield Concern(one["kind"], one["subject"], one["sentence"], one["runbook"])


def _stale(ended: Ended, limit: int) -> Iterator[Concern]:
    for age in champion_ages(ended.task):
        if age.days > limit:
            yield concern("stale champion", age.family, f"{age}, {age.days} days before "
                          f"{age.night}; the limit is {limit}")  # fmt: skip
