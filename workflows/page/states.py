"""What became of tasks, in words, signs and one word for many; the most pressing counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.engine.nights import Cell

#: State -> its sign and what it means, the most pressing first.
STATES = {
    "failed": ("✕", "failed: a task ended with an error"),
    "not run": ("!", "not run: it was due and had no turn"),
    "late": ("◷", "late: its source has not come"),
    "refused": ("⊘", "refused: the result says no, and the champion stays"),
    "running": ("…", "running: in the run that works, or still to come in it"),
    "built": ("●", "built"),
    "reused": ("○", "reused: an equal artifact was found"),
    "current": ("·", "current: it was there already"),
}
_PRESSING = list(STATES)


@dataclass(frozen=True)
class Together:
    """Many cells as one: the most pressing state, and how many there are of each."""

    state: str
    counts: dict[str, int]

    @property
    def sign(self) -> str:
        """The sign of the state."""
        return STATES[self.state][0]

    @property
    def words(self) -> str:
        """``3 built, 12 current``."""
        return ", ".join(f"{count} {state}" for state, count in self.counts.items())


def state_of(cell: Cell) -> str:
    """The state of a task as a page shows it: a refusal comes before how it was made."""
    if cell.verdict == "refused":
        return "refused"
    return "late" if cell.state == "waiting" else cell.state


def together(cells: Iterable[Cell]) -> Together | None:
    """Several cells as one; None of none."""
    counts = Counter(state_of(cell) for cell in cells)
    ordered = {state: counts[state] for state in _PRESSING if counts[state]}
    return Together(next(iter(ordered)), ordered) if ordered else None
