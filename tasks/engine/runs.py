"""The record of a run: one line per task, written by whichever process ran it.

Luigi's worker processes cannot tell each other what they built, and the scheduler forgets.
Each appends here instead; the others, and the summary at the end, read it.
"""

import datetime as dt
import json
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tasks.engine.journal import Address


@dataclass(frozen=True)
class Outcome:
    """What became of one task in one run (``built``, ``reused`` or ``failed``), and why.

    ``memory`` is the peak of the process that built it, in bytes. ``notes`` is what the task
    noted of its result; ``error`` the class of what was raised.
    """

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
    memory: int | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str | float] = field(default_factory=dict)
    error: str = ""


class RunRecords(Protocol):
    """Where the records of finished runs are for all machines that use a store."""

    def keep(self, record: Path) -> None:
        """Show the record of a run that ended to the others."""

    def bring(self, folder: Path) -> None:
        """Bring the newest records that others kept into a folder of this machine."""


class SharedRuns:
    """A store in a folder: whoever uses it sees the records in it."""

    def keep(self, record: Path) -> None:
        """Nothing to do."""

    def bring(self, folder: Path) -> None:
        """Nothing to do."""


class RunLog:
    """Reads and writes the records of runs, one file each, below a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._read_from = self.path()
        self._forget()

    def write(self, outcome: Outcome) -> None:
        """Record what became of a task of the present run."""
        self.append(vars(outcome))

    def append(self, record: dict[str, Any], run: str | None = None) -> None:
        """Add a line to a run's record."""
        append_line(self.path(run), json.dumps(record, ensure_ascii=False))

    def built(self, task_id: str) -> Address | None:
        """The artifact a task of this run ended with, if any process recorded one."""
        outcome = self._last_of(task_id)
        if outcome is None or outcome.outcome == "failed":
            self._read_on()
            outcome = self._last_of(task_id)
        if outcome is None or outcome.outcome == "failed":
            return None
        return outcome.task, outcome.label, outcome.key

    def outcomes(self, run: str | None = None) -> list[Outcome]:
        """Everything recorded of a run (the present one by default), in order of time."""
        path = self.path(run)
        lines = path.read_bytes().splitlines() if path.exists() else []
        found = [outcome for line in lines if (outcome := parsed(line)) is not None]
        return sorted(found, key=lambda outcome: outcome.at)

    def path(self, run: str | None = None) -> Path:
        """The file that records a run (the present one by default)."""
        return self.folder / f"{run or current()}.jsonl"

    def _last_of(self, task_id: str) -> Outcome | None:
        """The last record of a task in what was read so far of the present run."""
        if self._read_from != self.path():
            return None
        line = self._last.get(task_id.encode())
        return parsed(line) if line is not None else None

    def _read_on(self) -> None:
        """Read what was appended to the present run's file since the last look."""
        if self._read_from != self.path():
            self._read_from = self.path()
            self._forget()
        try:
            with self._read_from.open("rb") as lines:
                if lines.seek(0, os.SEEK_END) < self._offset:
                    self._forget()
                lines.seek(self._offset)
                text = lines.read()
        except FileNotFoundError:
            self._forget()
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            # What a kill left torn may stand before it, on the same line.
            at = line.rfind(_ABOUT)
            if at >= 0:
                start = at + len(_ABOUT)
                self._last[line[start : line.find(b'"', start)]] = line[at:]

    def _forget(self) -> None:
        self._offset = 0
        self._last: dict[bytes, bytes] = {}


#: What a line about a task begins with.
_ABOUT = b'{"task_id": "'


def append_line(path: Path, text: str) -> None:
    """Add a line to a file of a run: one write, so that lines of several processes never mix."""
    handle = _opened(path)
    try:
        os.write(handle, f"{text}\n".encode("utf-8", "backslashreplace"))
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    try:
        return os.open(path, flags, 0o666)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o666)


def parsed(line: bytes) -> Outcome | None:
    """One line about a task; None for another, and for one that a kill left torn."""
    try:
        return Outcome(**json.loads(line))
    except (ValueError, TypeError):
        return None


def new_run() -> str:
    """A fresh name for a run; names sort by time."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}-{uuid.uuid4().hex[:4]}"


_current = new_run()


def current() -> str:
    """The run this process belongs to."""
    return _current


def begin(run: str | None = None) -> str:
    """Start a new run in this process, or join one that another process started."""
    global _current
    _current = run or new_run()
    return _current
