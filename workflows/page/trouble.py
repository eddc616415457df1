"""What is not as it should be on a night: what, why, and where the runbook says what to do."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tasks.engine.errors import EngineError
from tasks.engine.journal import Address
from tasks.engine.ledger import Run
from tasks.engine.nights import Night
from workflows.page.families import FamilyNight
from workflows.page.shelf import Look
from workflows.page.stages import WATCH, stage_of

_LARGEST_ALARMS = 1 << 20
_MOST_LINES = 12


@dataclass(frozen=True)
class Trouble:
    """One thing to know of: ``red`` when something is broken, else ``amber``."""

    color: str
    what: str
    why: str
    runbook: str
    task: str = ""
    label: str = ""


def troubles(
    look: Look, night: Night, families: list[FamilyNight], headings: Collection[str] = (),
) -> list[Trouble]:
    """Everything about a night that somebody should know, red before amber.

    ``headings`` are the runbook's: an error that has one of its own leads there.
    """
    found = [*_of_runs(night), *_of_tasks(night, headings), *_refused(families),
             *alarms(look, night)]
    return sorted(found, key=lambda one: one.color != "red")


def alarms(look: Look, night: Night) -> Iterator[Trouble]:
    """What the tasks that watch over nights found on this one, each once."""
    seen: set[tuple[str, str]] = set()
    for cell in night.cells.values():
        if stage_of(cell.task) != WATCH:
            continue
        for one in alarms_in(_watched(look, cell.task, cell.label)):
            what = f"{one.get('kind', 'alarm')}: {one.get('subject', '')}", one.get("sentence", "")
            if what not in seen:
                seen.add(what)
                yield Trouble("amber", what[0], str(what[1]), str(one.get("runbook", "")),
                              cell.task, cell.label)


def watching_pages(look: Look, night: Night) -> list[tuple[str, Address, str]]:
    """Pages that the tasks that watch over nights wrote: task and label, address, file."""
    found = [(f"{cell.task} {cell.label}", look.newest(cell.task, cell.label))
             for cell in night.cells.values() if stage_of(cell.task) == WATCH]
    return [(name, entry.address, file) for name, entry in found if entry is not None
            for file, _, _ in entry.files if file.endswith(".html")]


def alarms_in(value: Any) -> list[dict[str, Any]]:
    """The alarms in a task's value, or in one of its files."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("alarms"), list):
        return [one for one in value["alarms"] if isinstance(one, dict)]
    return [alarm for one in value.values() if isinstance(one, dict) for alarm in alarms_in(one)]


def _watched(look: Look, task: str, label: str) -> Any:
    entry = look.newest(task, label)
    if entry is None or sum(size for _, size, _ in entry.files) > _LARGEST_ALARMS:
        return None
    try:
        return look.shelf.value(entry)
    except EngineError as error:
        return {"alarms": [{"kind": "damaged", "subject": f"{task}/{label}",
                            "sentence": str(error), "runbook": "corruptpayload"}]}


def _of_runs(night: Night) -> Iterator[Trouble]:
    run = night.runs[0]
    if run.state == "died":
        yield Trouble("red", "The last run died", _died(run), "killed")
    elif run.end is not None and run.end.error:
        yield Trouble("red", "The last run was broken off", run.end.error, "failed")
    if run.begin is not None and run.state != "working":
        for sentence in run.begin.missing if night.having("waiting") else []:
            yield Trouble("red", "A source is missing", sentence, "source-missing")


def _died(run: Run) -> str:
    begin = run.begin
    if begin is None:
        return "It left no word of its end."
    last = run.outcomes[-1] if run.outcomes else None
    after = f" Its last word was of {last.task}/{last.label}." if last else ""
    return (f"It was begun at {begin.at[:16].replace('T', ' ')} UTC on {begin.host} by "
            f"`{begin.command}`, and its process ended without a word.{after} What was built is "
            "kept: run the same command again.")


def _of_tasks(night: Night, headings: Collection[str]) -> Iterator[Trouble]:
    for cell in night.having("failed"):
        why, error = (cell.outcome.message, cell.outcome.error) if cell.outcome else ("", "")
        runbook = error.lower() if error.lower() in headings else "failed"
        yield Trouble("red", "A task failed", _shortened(why), runbook, cell.task, cell.label)
    due = night.having("not run")
    if due:
        names = ", ".join(sorted({cell.task for cell in due}))
        yield Trouble("red", f"{len(due)} task{'s' if len(due) > 1 else ''} had no turn",
                      f"{_because(night)}They are due: {names}.", "not-run")


def _because(night: Night) -> str:
    failed = night.having("failed")
    return "What failed is needed by them. " if failed else ""


def _refused(families: list[FamilyNight]) -> Iterator[Trouble]:
    for one in families:
        if one.verdict == "refused":
            yield Trouble("amber", f"{one.title}: tonight’s model was refused",  # noqa: RUF001
                          ". ".join(one.reasons) + ".", "refused", "DecideModel",
                          f"{one.family}.{one.day}")


def _shortened(text: str) -> str:
    """The first lines and the last ones: an error's first line names it, the last explains."""
    lines = text.splitlines()
    if len(lines) <= _MOST_LINES:
        return text
    half = _MOST_LINES // 2
    return "\n".join([*lines[:half], "…", *lines[-half:]])
