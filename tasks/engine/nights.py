"""Nights, folded from the records of runs: a pure function, for pages, summaries and metrics.

A night is a value of the parameter ``day``. Several runs may work on one night, and one run of
Luigi's ranges on several; what was done last counts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from tasks.engine.ledger import Run, night_of
from tasks.engine.runs import Outcome

State = Literal["built", "reused", "current", "failed", "waiting", "not run", "running"]

#: The note (`ArtifactTask.notes`) that says what a result says.
VERDICT = "verdict"


@dataclass(frozen=True)
class Cell:
    """What became of one task in one night.

    ``current`` was there before; ``waiting`` has no source yet; ``not run`` was due and had no
    turn. ``verdict`` is what the result says, such as ``refused``.
    """

    task: str
    label: str
    state: State
    run: str
    outcome: Outcome | None = None

    @property
    def verdict(self) -> str:
        """What the task noted of its result in one word, or ""."""
        return str(self.outcome.notes.get(VERDICT, "")) if self.outcome else ""

    @property
    def parameters(self) -> dict[str, str]:
        """The task's significant parameters, where they were recorded."""
        return self.outcome.parameters if self.outcome else {}


@dataclass
class Night:
    """One night: its runs, newest first, and its cells by task and label."""

    day: str
    runs: list[Run] = field(default_factory=list)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)

    def having(self, *states: str) -> list[Cell]:
        """The cells in one of these states."""
        return [cell for cell in self.cells.values() if cell.state in states]


def nights(runs: Iterable[Run], closing: Collection[str] = ()) -> list[Night]:
    """Nights, newest first, from the records of runs.

    ``closing`` names tasks whose own ``day`` is always the night they belong to. By them the
    nights of a run that says nothing of its beginning are known; without any, all it did belongs
    to the newest day it touched.
    """
    found: dict[str, Night] = {}
    for run in sorted(runs, key=lambda one: one.name):
        days = _days(run, closing)
        for day in days:
            found.setdefault(day, Night(day)).runs.insert(0, run)
        for cell in _planned(run):
            _enter(found[days[-1]], cell)
        for outcome in run.outcomes:
            own = outcome.parameters.get("day", "")
            night = found[own if own in days else days[-1]]
            _enter(night, _cell_of(outcome, run))
    return sorted(found.values(), key=lambda one: one.day, reverse=True)


def _days(run: Run, closing: Collection[str]) -> list[str]:
    """The nights of a run, oldest first; never none."""
    if run.begin is None:
        ends = {one.parameters.get("day", "") for one in run.outcomes if one.task in closing}
        if ends:
            return sorted(ends)
    return [night_of(run)]


def _planned(run: Run) -> Iterable[Cell]:
    """What the run found, and was about to do, before its tasks say what became of them."""
    if run.begin is None:
        return
    turn: State = "running" if run.state == "working" else "not run"
    states: dict[str, State] = {"current": "current", "due": turn, "waiting": "waiting"}
    for word, state in states.items():
        for task, labels in run.begin.plan.get(word, {}).items():
            for label in labels:
                yield Cell(task, label, state, run.name)


def _cell_of(outcome: Outcome, run: Run) -> Cell:
    state: State = outcome.outcome  # type: ignore[assignment]
    return Cell(outcome.task, outcome.label, state, run.name, outcome)


def _enter(night: Night, cell: Cell) -> None:
    """The later word counts; that something is there adds nothing to how it was built."""
    place = cell.task, cell.label
    before = night.cells.get(place)
    if cell.state == "current" and before and before.state in ("built", "reused"):
        return
    night.cells[place] = cell
