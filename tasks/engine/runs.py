"""The record of a run: a small file per task, written by whichever process ran it.

Luigi's worker processes cannot tell each other what they built, and the scheduler forgets.
Each writes here instead; the others, and the summary at the end, read it.
"""

import datetime as dt
import json
import os
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tasks.engine.journal import Address


@dataclass(frozen=True)
class Outcome:
    """What became of one task in one run (``built``, ``reused`` or ``failed``), and why."""

    task_id: str
    task: str
    label: str
    key: str
    outcome: str
    reasons: list[str] = field(default_factory=list)
    seconds: float = 0.0
    rows: int | None = None
    message: str = ""
    at: str = ""


class RunLog:
    """Reads and writes the records of runs below a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def write(self, outcome: Outcome) -> None:
        """Record what became of a task of the present run."""
        path = self._path(outcome.task_id)
        try:
            lines = path.open("a", encoding="utf-8")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = path.open("a", encoding="utf-8")
        with lines:
            lines.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")

    def built(self, task_id: str) -> Address | None:
        """The artifact a task of this run ended with, if any process recorded one."""
        for outcome in reversed(_read(self._path(task_id))):
            if outcome.outcome != "failed":
                return outcome.task, outcome.label, outcome.key
        return None

    def outcomes(self, run: str | None = None) -> list[Outcome]:
        """Everything recorded of a run (the present one by default), in order of time."""
        folder = self.folder / (run or current())
        files = sorted(folder.glob("*.jsonl")) if folder.exists() else []
        found = [outcome for path in files for outcome in _read(path)]
        return sorted(found, key=lambda outcome: outcome.at)

    def _path(self, task_id: str) -> Path:
        return self.folder / current() / f"{task_id}.jsonl"


def _read(path: Path) -> list[Outcome]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [Outcome(**json.loads(line)) for line in lines if line.endswith("}")]


def new_run() -> str:
    """A fresh name for a run; names sort by time."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{uuid.uuid4().hex[:4]}"


_current = new_run()


def current() -> str:
    """The run this process belongs to."""
    return _current


def begin(run: str | None = None) -> str:
    """Start a new run in this process, or join one that another process started."""
    global _current
    _current = run or new_run()
    return _current
