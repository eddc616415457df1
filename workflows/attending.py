"""What happens around a run, however it ends: its log, its figures, and who is told.

A run that is killed says nothing. It leaves a mark in the workflow's state, from which the next
run knows, and tells.
"""

import argparse
import datetime as dt
import os
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import luigi

from tasks.engine import runs
from tasks.engine.configured import Misconfigured
from tasks.engine.errors import EngineError
from tasks.engine.explain import Plan
from tasks.engine.run import Summary
from tasks.engine.run_file import file_only, log_path, logged_in
from tasks.engine.walk import Walk
from tasks.engine.workshop import workshop
from workflows.aftermath import Aftermath
from workflows.concerns import Ended, concern_of
from workflows.highlights import Highlight
from workflows.naming import UnknownName
from workflows.notifying.open_concerns import StateFile
from workflows.notifying.settings import NotifySettings, read_notify_settings
from workflows.stopping import Stopped, stopping


class Attended:
    """The nights of one command; each says how it ended."""

    def __init__(self) -> None:
        self.nights: list[Ended] = []

    def ended(
        self, task: luigi.Task, summary: Summary, planned: Plan, walk: Walk,
        shown: list[Highlight], seconds: float, exit_code: int,
    ) -> None:
        """Take note of a night that came to its end."""
        self.nights.append(Ended(task, summary, planned, walk, shown, seconds, exit_code))


@contextmanager
def attended(options: argparse.Namespace) -> Iterator[Attended]:
    """Log what a command runs; for workflows that are watched, tell how it ended.

    Whatever goes wrong with telling is printed and recorded; it never ends a run and never
    changes its exit code.
    """
    night = Attended()
    with logged_in(workshop().log.folder), stopping():
        aftermath = _aftermath_of(options.task)
        try:
            yield night
        except BaseException as error:
            file_only.exception("the run was ended by %s", type(error).__name__)
            if aftermath is not None and _is_told(error):
                _safely(aftermath, night, error)
            raise
        if aftermath is not None:
            _safely(aftermath, night, None)


def where_logged() -> Highlight:
    """The line of a run's summary that says where its log is."""
    path = log_path(workshop().log.folder)
    return Highlight("log", "", os.path.relpath(path) if path.is_relative_to(os.getcwd())
                     else str(path))  # fmt: skip


def exit_code_of(error: BaseException) -> int:
    """The exit code of a command that an error ended, as ``setlist`` maps it."""
    if isinstance(error, Stopped):
        return Stopped.exit_code
    if isinstance(error, UnknownName):
        return 2
    return 40 if isinstance(error, EngineError) else 1


def _aftermath_of(workflow: str) -> Aftermath | None:
    """What to do after a run of a watched workflow; None for others, such as a task's rerun."""
    settings = _settings()
    if settings is None or not {workflow.lower(), "*"} & set(settings.workflows):
        return None
    file = StateFile(workshop().log.folder, workflow.lower())
    about = {"workflow": workflow.lower(), "host": socket.gethostname()}
    aftermath = Aftermath(file, settings, about)
    try:
        aftermath.begin(os.getpid(), dt.datetime.now(dt.UTC))
    except OSError as problem:
        _complain(f"what is known of earlier runs cannot be kept: {problem}")
    return aftermath


def _settings() -> NotifySettings | None:
    try:
        return read_notify_settings()
    except (Misconfigured, ValueError) as problem:
        _complain(f"nobody will be told how this run ends: {problem}")
        return None


def _is_told(error: BaseException) -> bool:
    """Not when a person pressed Ctrl-C, or stopped reading what we print."""
    interactive = isinstance(error, KeyboardInterrupt) and not isinstance(error, Stopped)
    return not interactive and not isinstance(error, (BrokenPipeError, GeneratorExit))


def _safely(aftermath: Aftermath, night: Attended, error: BaseException | None) -> None:
    now, run = dt.datetime.now(dt.UTC), runs.current()
    log = where_logged().text
    try:
        if error is None:
            told = aftermath.ended(night.nights, run, log, now)
        else:
            raised = concern_of(error, aftermath.about["workflow"])
            told = aftermath.broke(raised, exit_code_of(error), run, log, now)
        for line in told:
            _complain(line)
    except Exception:
        # The last guard: a defect of telling must not turn a good night into a failed one.
        file_only.exception("nobody was told how this run ended")
        _complain(f"nobody was told how this run ended:\n{traceback.format_exc()}")


def _complain(text: str) -> None:
    sys.stderr.write(f"setlist: {text}\n")
    sys.stderr.flush()
