"""The ledger of runs: who began each, what it was to do, what became of it, how it ended.

A run's record (`runs`) has a line for each task. The first line of a run that `opened` began says
who began it and what was planned; its last line says how it ended. A run of Luigi's own command
has neither. While a run works it holds a lock of the kernel on its file, so that one which died
without a word can be told from one that is at work, whatever became of its process number.
"""

import datetime as dt
import fcntl
import json
import os
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import luigi

from tasks.engine import runs
from tasks.engine.explain import Plan
from tasks.engine.run_file import without_login
from tasks.engine.runs import Outcome, RunLog, parsed
from tasks.engine.workshop import Workshop

#: No more runs than these are looked at for one answer, however few nights they make.
MOST_RUNS = 400

Planned = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Begin:
    """Who asked for what, when, and what was there already."""

    task: str
    parameters: dict[str, str]
    command: str
    host: str
    pid: int
    at: str
    plan: Planned = field(default_factory=dict)
    """Labels by task, under ``current``, ``due`` and ``waiting`` (for a source that is missing)."""
    missing: list[str] = field(default_factory=list)
    """Of each missing source, a sentence."""


@dataclass(frozen=True)
class End:
    """How a run ended. ``error`` is what broke the run itself, not one of its tasks."""

    at: str
    exit_code: int
    seconds: float
    incomplete: list[str] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True)
class Run:
    """Everything that is recorded of one run; ``outcomes`` in order of time."""

    name: str
    begin: Begin | None
    outcomes: list[Outcome]
    end: End | None
    is_working: bool = False

    @property
    def state(self) -> Literal["ended", "working", "died", "unknown"]:
        """``unknown`` is a run that left no word of its beginning or end: Luigi's own command."""
        if self.end is not None:
            return "ended"
        if self.begin is None:
            return "unknown"
        return "working" if self.is_working else "died"


class OpenRun:
    """A run that has begun; say with `end` how it ended."""

    def __init__(self, name: str):
        self.name = name
        self.ended: dict[str, Any] | None = None

    def end(self, exit_code: int, incomplete: list[str], error: str = "") -> None:
        """How the run ended; written when the run is closed."""
        self.ended = {"exit_code": exit_code, "incomplete": incomplete, "error": error}


@contextmanager
def opened(shop: Workshop, task: luigi.Task, plan: Plan) -> Iterator[OpenRun]:
    """Begin a run of a task, record it, and record its end, however it comes."""
    run, started = OpenRun(runs.new_run()), time.monotonic()
    shop.log.append({"begin": vars(_beginning(task, plan))}, run.name)
    with shop.log.path(run.name).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield run
        except BaseException as error:
            run.end(40, [str(task)], f"{type(error).__name__}: {error}")
            raise
        finally:
            how = run.ended or {"exit_code": 40, "error": "nobody said how it ended"}
            end = End(at=_now(), seconds=round(time.monotonic() - started, 3), **how)
            shop.log.append({"end": vars(end)}, run.name)
            shop.store.runs.keep(shop.log.path(run.name))


def recent(shop: Workshop, nights: int, most: int = MOST_RUNS) -> list[Run]:
    """The runs of the newest ``nights`` different nights that were worked on, newest run first.

    Runs that have no `day` count as a night of their own. At most ``most`` records are opened.
    """
    shop.store.runs.bring(shop.log.folder)
    found: list[Run] = []
    seen: set[str] = set()
    for name in sorted(_names(shop.log.folder), reverse=True)[:most]:
        run = read(shop.log, name)
        seen.add(night_of(run) or name)
        if len(seen) > nights:
            break
        found.append(run)
    return found


def read(log: RunLog, name: str) -> Run:
    """The record of one run. Raises `FileNotFoundError` when there is none."""
    path = log.path(name)
    about = path.stat()
    known = _ended.get(path)
    if known is not None and known[0] == about.st_size:
        return known[1]
    run = _read(path)
    if run.state == "ended":
        _ended[path] = about.st_size, run
    return run


def night_of(run: Run) -> str:
    """The night a run was for: the ``day`` of the task asked for, else the newest of its tasks'."""
    if run.begin is not None:
        return run.begin.parameters.get("day", "")
    return max((one.parameters.get("day", "") for one in run.outcomes), default="")


_ended: dict[Path, tuple[int, Run]] = {}


def _names(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*.jsonl")]


def _read(path: Path) -> Run:
    begin, end, outcomes = None, None, list[Outcome]()
    with path.open("rb") as lines:
        is_working = not _can_lock(lines.fileno())
        for line in lines:
            if line.startswith(b'{"begin"'):
                begin = _of(Begin, "begin", line)
            elif line.startswith(b'{"end"'):
                end = _of(End, "end", line)
            elif (outcome := parsed(line)) is not None:
                outcomes.append(outcome)
    outcomes.sort(key=lambda one: one.at)
    return Run(path.stem, begin, outcomes, end, is_working)


def _of(kind: type, name: str, line: bytes) -> Any:
    """A first or last line; None for one that a kill left torn."""
    try:
        return kind(**json.loads(line)[name])
    except (ValueError, TypeError):
        return None


def _can_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True


def _beginning(task: luigi.Task, plan: Plan) -> Begin:
    words = {"current": "current", "source missing": "", "blocked": "waiting"}
    planned: Planned = {}
    for step in plan.steps:
        if word := words.get(step.verdict, "due"):
            planned.setdefault(word, {}).setdefault(step.task, []).append(step.label)
    return Begin(
        task=task.task_family, parameters=task.to_str_params(only_significant=True),
        command=_command(),
        host=socket.gethostname(), pid=os.getpid(), at=_now(), plan=planned,
        missing=[step.reasons[0].subject for step in plan.having("source missing")],
    )


def _command() -> str:
    """What was typed, without a password that an address may hold."""
    words = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
    return shlex.join(without_login(word) for word in words)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
