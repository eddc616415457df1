"""Nights at a glance: a row for each night, a column for each stage."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from tasks.engine.ledger import Run
from tasks.engine.nights import Cell, Night
from workflows.page.stages import in_order, place_of, stage_of
from workflows.page.states import Together, together

_MOST_GAPS = 60


@dataclass(frozen=True)
class Row:
    """One night of the calendar; ``night`` is None for a day on which nothing ran."""

    day: str
    night: Night | None
    by_stage: dict[str, Together]
    ended: str

    @property
    def weekday(self) -> str:
        """``Wed``."""
        return f"{dt.date.fromisoformat(self.day):%a}"


def calendar(nights: list[Night], newest_day: dt.date | None) -> list[Row]:
    """A row for every day from the oldest of the nights to the newest, newest first.

    Days up to ``newest_day`` (of the source) on which nothing ran are there too: they are late.
    """
    if not nights:
        return []
    by_day = {night.day: night for night in nights}
    oldest, last = (dt.date.fromisoformat(nights[at].day) for at in (-1, 0))
    last = max(last, newest_day or last)
    first = max(oldest, last - dt.timedelta(len(nights) + _MOST_GAPS))
    days = [last - dt.timedelta(back) for back in range((last - first).days + 1)]
    return [_row(day.isoformat(), by_day.get(day.isoformat())) for day in days]


def by_stage(night: Night) -> dict[str, list[Cell]]:
    """The cells of a night by stage, as a night comes to them."""
    found: dict[str, list[Cell]] = defaultdict(list)
    for cell in sorted(night.cells.values(), key=lambda one: (place_of(one.task), one.label)):
        found[stage_of(cell.task)].append(cell)
    return {stage: found[stage] for stage in in_order(set(found))}


def _row(day: str, night: Night | None) -> Row:
    if night is None:
        return Row(day, None, {}, "nothing ran")
    stages = {stage: together(cells) for stage, cells in by_stage(night).items()}
    return Row(day, night, {name: one for name, one in stages.items() if one},
               how_it_ended(night.runs[0]))


def how_it_ended(run: Run) -> str:
    """How a run ended, in few words."""
    if run.state != "ended" or run.end is None:
        return {"working": "running now", "died": "died", "unknown": "by Luigi's own command"}[
            run.state if run.state != "ended" else "unknown"]
    words = {0: "all there", 20: "a source is missing", 25: "not all ran", 30: "a task failed"}
    return words.get(run.end.exit_code, f"exit code {run.end.exit_code}")
