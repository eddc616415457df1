"""After a run: compare what is wrong with what was, tell what changed, write the figures."""

import datetime as dt
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

from tasks.engine.errors import EngineError
from tasks.engine.walk import is_artifact
from workflows.catching_up import worst
from workflows.concerns import WITHOUT_END, Concern, Ended, concern, concerns_of
from workflows.metrics import write_metrics
from workflows.notifying.channels import deliver, ways
from workflows.notifying.notice import About, notice_of
from workflows.notifying.open_concerns import Changes, Open, State, StateFile, changes
from workflows.notifying.settings import NotifySettings

#: A run on another machine cannot be looked at; a night is over, or was killed, after this.
_ELSEWHERE = dt.timedelta(hours=12)


class Aftermath:
    """What is known of a watched workflow, and what to do when a run of it has ended."""

    def __init__(self, file: StateFile, settings: NotifySettings, about: dict[str, str]):
        self.file, self.settings, self.about = file, settings, about
        self.state = State()

    def begin(self, process: int, now: dt.datetime) -> None:
        """Mark that a run works; what an earlier run left behind when it was killed is open."""
        self.state = self.file.read()
        before = self.state.running
        if before and not _is_alive(before, now):
            self.state = replace(self.state, open=[*self.state.open, _killed(before, now)])
        running = {"process": str(process), "host": self.about["host"], "began": now.isoformat()}
        self.state = replace(self.state, running=running)
        self.file.write(self.state)

    def ended(self, nights: list[Ended], run: str, log: str, now: dt.datetime) -> list[str]:
        """All nights came to their end; returns what to print about telling it."""
        found: list[Concern] = []
        try:
            for one in nights:
                found += concerns_of(one, self.settings.stale_champion_days)
        except EngineError as error:
            found.append(concern("exception", "looking at the run", str(error)))
        code = worst([one.exit_code for one in nights])
        about = self._about(nights, code, run, log)
        compared = self._compared(found, about.night, now, _Over(nights))
        if code == 0:
            self.state = replace(self.state, last_success=now.isoformat())
        return self._tell(about, compared, nights, now)

    def broke(
        self, raised: Concern, exit_code: int, run: str, log: str, now: dt.datetime
    ) -> list[str]:
        """An error ended the run before it could look at anything else."""
        about = self._about([], exit_code, run, log, ending=f"it did not end: {raised.kind}")
        compared = self._compared([raised], about.night, now, lambda _: False)
        return self._tell(about, compared, [], now)

    def _compared(self, found: list[Concern], night: str, now: dt.datetime, over: Any) -> Changes:
        # Read again: another run of the workflow may have ended meanwhile.
        self.state = self.file.read()
        remind = dt.timedelta(hours=self.settings.remind_hours)
        return changes(self.state.open, found, night, now, remind, over)

    def _about(
        self, nights: list[Ended], code: int, run: str, log: str, ending: str = ""
    ) -> About:
        # A run that did not end may not even have known its night; it ends nothing of any.
        night = max((str(getattr(one.task, "day", "")) for one in nights), default="")
        ending = ending or "; ".join(map(_ending, nights))
        return About(self.about["workflow"], night, run, self.about["host"], code, ending, log)

    def _tell(
        self, about: About, compared: Changes, nights: list[Ended], now: dt.datetime
    ) -> list[str]:
        """Deliver what is worth a message, keep what is open, and write the figures."""
        lines, opened, problems = [], compared.open, self.state.undelivered[:0]
        if compared.is_worth_a_message and ways(self.settings):
            notice = notice_of(about, compared, self.settings.runbook)
            delivered, problems = deliver(notice, self.settings)
            lines = [f"told by {', '.join(delivered)}: {notice.subject}"] if delivered else []
            lines += [f"could not be told by {one}" for one in problems]
            if delivered:
                opened = [_told(one, compared, now) for one in opened]
            else:
                opened += compared.over  # told with the next message
        self.state = replace(self.state, open=opened, running={}, undelivered=problems)
        try:
            self.file.write(self.state)
        except OSError as problem:
            lines.append(f"what is open cannot be kept, and will be told again: {problem}")
        return lines + write_metrics(about, self.state, nights, now)


class _Over:
    """Whether a concern that the nights did not find again is over; see `changes`."""

    def __init__(self, nights: list[Ended]):
        self.nights = nights

    def __call__(self, one: Concern) -> bool | None:
        if one.kind in WITHOUT_END or all(night.exit_code == 0 for night in self.nights):
            return True
        answers = [_is_over(one, night) for night in self.nights]
        if False in answers:
            return False
        return True if True in answers else None


def _is_over(one: Concern, night: Ended) -> bool | None:
    """After a night that did not reach everything: over, still open, or not its business."""
    if one.kind in ("failed", "source missing"):
        known = {name: step.verdict for step in night.planned.steps
                 for name in (step.name, step.label)}  # fmt: skip
        if one.subject not in known:
            return None
        done = {f"{done.task}/{done.label}" for done in
                [*night.summary.built, *night.summary.reused]}  # fmt: skip
        return known[one.subject] == "current" or one.subject in done
    if one.kind == "refused":
        return any(line.what == "decision" and line.text.startswith(f"{one.subject} ")
                   for line in night.highlights)  # fmt: skip
    return None if one.kind == "not run" else one.kind == "stale champion"


def _ending(night: Ended) -> str:
    built, failed = len(night.summary.built), len(night.summary.failed)
    word = "done" if night.summary.succeeded else "NOT DONE"
    name = str(night.task) if not is_artifact(night.task) else night.task.task_family
    return f"{name} {word}: {built} built, {failed} failed, {night.seconds:.0f} s"


def _told(one: Open, compared: Changes, now: dt.datetime) -> Open:
    return one if one in compared.still else replace(one, told=now.isoformat())


def _killed(before: dict[str, str], now: dt.datetime) -> Open:
    began = before.get("began", "")[:16].replace("T", " ")
    said = concern("killed", before.get("host", ""),
                   f"the run that began at {began} UTC on {before.get('host')} (process "
                   f"{before.get('process')}) never said how it ended: it was killed, or the "
                   "machine went down")  # fmt: skip
    return Open(said, since=now.isoformat(), night="")


def _is_alive(running: dict[str, str], now: dt.datetime) -> bool:
    """Whether the run that left its mark still works; on another machine, for a while."""
    if running.get("host") != socket.gethostname():
        return now - dt.datetime.fromisoformat(running["began"]) < _ELSEWHERE
    try:
        os.kill(int(running["process"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _was_killed(int(running["process"]))


def _was_killed(process: int) -> bool:
    """Whether nothing is left of a process but its number, which nobody asked for yet (Linux)."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] == "Z"
