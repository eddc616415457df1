"""What was wrong after the last run of a workflow, kept so that it is told once.

One small JSON file for each workflow beside the records of its runs, replaced whole.
"""

import datetime as dt
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from workflows.concerns import Concern


@dataclass(frozen=True)
class Open:
    """A concern that is open: since when, for which night, and when it was last told."""

    concern: Concern
    since: str
    night: str
    told: str = ""
    """Empty until a message about it was delivered."""


@dataclass(frozen=True)
class Changes:
    """What a run changed, and what of it has to be told."""

    new: list[Open] = field(default_factory=list)
    over: list[Open] = field(default_factory=list)
    reminded: list[Open] = field(default_factory=list)
    still: list[Open] = field(default_factory=list)
    """Open, told before, and told lately enough."""

    @property
    def is_worth_a_message(self) -> bool:
        """Whether something is new, is over, or was told too long ago."""
        return bool(self.new or self.over or self.reminded)

    @property
    def open(self) -> list[Open]:
        """Everything that is open now."""
        return [*self.new, *self.reminded, *self.still]


@dataclass(frozen=True)
class State:
    """What is known of a workflow between two runs."""

    open: list[Open] = field(default_factory=list)
    running: dict[str, str] = field(default_factory=dict)
    """The run that works now, or the one that never said how it ended."""
    last_success: str = ""
    undelivered: list[str] = field(default_factory=list)
    """Why the last message could not be delivered, for each way that failed."""


def changes(
    before: Iterable[Open], found: list[Concern], night: str, now: dt.datetime,
    remind_after: dt.timedelta, is_over: Callable[[Concern], bool | None],
) -> Changes:
    """Compare what is wrong now with what was open.

    ``is_over`` says of a concern that was not found again whether it is over; None when it
    belongs to another night's work and this run's own concerns stand for it. A run for an older
    night ends nothing of a newer one.
    """
    known = {one.concern.identity: one for one in before}
    made = Changes()
    for one in found:
        old = known.pop(one.identity, None)
        if old is None:
            made.new.append(Open(one, since=now.isoformat(), night=night))
        else:
            _keep(replace(old, concern=one, night=max(old.night, night)), now, remind_after, made)
    for old in known.values():
        over = is_over(old.concern) if old.night <= night else False
        if over:
            made.over.append(old)
        elif over is False:
            _keep(old, now, remind_after, made)
    return made


def _keep(one: Open, now: dt.datetime, remind_after: dt.timedelta, made: Changes) -> None:
    if not one.told:
        made.new.append(one)
    elif now - dt.datetime.fromisoformat(one.told) >= remind_after:
        made.reminded.append(one)
    else:
        made.still.append(one)


class StateFile:
    """The file of one workflow's state."""

    def __init__(self, folder: Path, workflow: str):
        self.path = folder / f"concerns.{workflow}.json"

    def read(self) -> State:
        """The state; a fresh one when there is no file yet, or when it cannot be understood.

        A state that is lost costs one message too many, never one too few.
        """
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
            opened = [Open(**{**one, "concern": Concern(**one["concern"])})
                      for one in known.pop("open")]  # fmt: skip
            return State(open=opened, **known)
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, TypeError, KeyError) as error:
            return State(undelivered=[f"{self.path} could not be read ({error}); begun anew"])

    def write(self, state: State) -> None:
        """Replace the file in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(state), file, ensure_ascii=False, indent=1)
        os.chmod(temporary, 0o644)
        os.replace(temporary, self.path)
