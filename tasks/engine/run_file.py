"""The log of a run: JSON lines in one file beside the run's record, each with its task.

Every process of a run appends to the same file, a line in one write, so lines never mix. What
is logged outside of any task has no task.
"""

import datetime as dt
import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from luigi.setup_logging import InterfaceLogging

from tasks.engine import runs

#: For the log alone: what is said on standard error by Luigi, or by Python, in its own way.
file_only = logging.getLogger(__name__)
file_only.addHandler(logging.NullHandler())
_task: ContextVar[str] = ContextVar("task", default="")
_LUIGI = "luigi-interface"


def log_path(folder: Path, run: str | None = None) -> Path:
    """The log of a run (the present one by default), in the folder of the runs' records."""
    return folder / f"{run or runs.current()}.log"


@contextmanager
def logging_of(name: str) -> Iterator[None]:
    """Lines logged meanwhile in this context are of the task ``name``; so is how it ends."""
    token = _task.set(name)
    file_only.info("begins")
    try:
        yield
        file_only.info("is done")
    except BaseException:
        file_only.exception("failed")
        raise
    finally:
        _task.reset(token)


@contextmanager
def logged_in(folder: Path) -> Iterator[None]:
    """Keep what is logged, from INFO up, in the present run's log in ``folder``.

    Warnings go on appearing on standard error, once: Luigi's own handler prints Luigi's.
    """
    _let_luigi_set_up_first()
    for handler in logging.getLogger(_LUIGI).handlers:
        handler.setFormatter(_WithoutPasswords("%(levelname)s: %(message)s"))
    root, ours = logging.getLogger(), [_RunFile(folder), _Warnings()]
    levels = {one: one.level for one in (root, logging.getLogger(_LUIGI))}
    for handler in ours:
        root.addHandler(handler)
    for one in levels:
        one.setLevel(logging.INFO)
    try:
        yield
    finally:
        for one, level in levels.items():
            one.setLevel(level)
        for handler in ours:
            root.removeHandler(handler)


def _let_luigi_set_up_first() -> None:
    """Luigi configures its logger once, at the first build; later it leaves ours alone."""
    options = {"background": None, "logdir": None, "logging_conf_file": None,
               "log_level": "WARNING"}
    InterfaceLogging.setup(type("Options", (), options))


def without_passwords(text: str) -> str:
    """The text with ``***`` for every password in an address: Luigi repeats its scheduler's."""
    return re.sub(r"(\w://[^\s/:@]*):[^@\n/]+@", r"\1:***@", text)


def without_login(word: str) -> str:
    """One address, or one word of a command, without the user and password it may hold.

    A password may hold a space or an ``@``: all up to the last ``@`` before a slash is taken out.
    """
    return re.sub(r"://[^/]*@", "://", word)


class _WithoutPasswords(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_passwords(super().format(record))


class _RunFile(logging.Handler):
    def __init__(self, folder: Path):
        super().__init__(logging.INFO)
        self.folder, self.is_broken = folder, False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = json.dumps(_as_json(record), ensure_ascii=False, default=str)
            runs.append_line(log_path(self.folder), without_passwords(line))
        except OSError as problem:
            # A full disk must not end the night. It is said once in each process.
            if not self.is_broken:
                self.is_broken = True
                sys.stderr.write(f"the run's log cannot be written: {problem}\n")


class _Warnings(logging.Handler):
    """What Python prints by itself when no handler is there, and Luigi's handler does not."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(_WithoutPasswords())

    def emit(self, record: logging.LogRecord) -> None:
        if record.name not in (_LUIGI, __name__):
            sys.stderr.write(self.format(record) + "\n")


def _as_json(record: logging.LogRecord) -> dict[str, object]:
    at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
    line: dict[str, object] = {
        "at": at, "level": record.levelname, "logger": record.name, "process": record.process,
        "task": _task.get(), "message": record.getMessage(),
    }
    if record.exc_info:
        line["traceback"] = logging.Formatter().formatException(record.exc_info)
    return line
