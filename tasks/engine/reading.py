"""Notice a recipe that reads a file on the side, and refuse it.

Python reports every file that Python code opens to audit hooks. Files of the interpreter, of
installed packages and of the system are not data; the recipe's inputs and what it wrote
itself are its own; any other file is a hidden input. Files opened inside compiled
libraries are not reported and so not noticed.
"""

import functools
import os
import site
import sys
import sysconfig
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tasks.engine.errors import UndeclaredRead

_SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/var/cache", "/System",
           "/Library")


class _Watch:
    """What one recipe may read: what it was given, and what it wrote itself."""

    def __init__(self, given: Iterable[Path]):
        self.owner = threading.get_ident()
        self.bystanders = {thread.ident for thread in threading.enumerate()} - {self.owner}
        self.given = given
        self.own: set[str] = set()
        self.project = os.getcwd()
        self.refused = ""

    @functools.cached_property
    def places(self) -> set[str]:
        """Where the recipe may read, also by other names; most recipes open no file at all."""
        given = [os.path.normpath(os.path.join(self.project, path)) for path in self.given]
        return {*given, *map(os.path.realpath, given)}

    def hears(self, thread: int) -> bool:
        """Whether a thread is the recipe's: its own, or one that began after it."""
        return thread not in self.bystanders

    def allows(self, path: str) -> bool:
        """Whether a file is the recipe's own, the interpreter's or the system's, or no file."""
        if path.endswith((".py", ".pyc", ".so", ".pth")) or _describes_a_distribution(path):
            return True
        if any(_is_below(path, place) for place in (*self.places, *self.own)):
            return True
        # A project below /usr is not the system's.
        hides_project = _is_below(path, self.project)
        if any(_is_below(path, place) for place in _always()
               if not (hides_project and _is_below(self.project, place))):
            return True
        return os.path.isdir(path) or not os.path.exists(path)

    def refuse(self, error: Exception | None = None) -> None:
        """Say at the end what was refused, in case the recipe or a thread kept it to itself."""
        if self.refused and not isinstance(error, UndeclaredRead):
            raise UndeclaredRead(self.refused) from error


_watches: list[_Watch] = []
_installed = False


@contextmanager
def watched(given: Iterable[Path]) -> Iterator[None]:
    """Raise `UndeclaredRead` when a recipe opens a file it was not ``given``."""
    _install()
    watch = _Watch(given)
    _watches.append(watch)
    try:
        yield
    except Exception as error:
        watch.refuse(error)
        raise
    finally:
        _watches.remove(watch)
    watch.refuse()


def _describes_a_distribution(path: str) -> bool:
    """What the import system says of what is installed; a checkout keeps it beside its code."""
    return os.path.dirname(path).endswith((".egg-info", ".dist-info"))


def _is_below(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip(os.sep) + os.sep)


@functools.cache
def _always() -> tuple[str, ...]:
    home = os.path.expanduser("~")
    places = [sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages(),
              site.getusersitepackages(), *sysconfig.get_paths().values(),
              f"{home}/.cache", f"{home}/.config", f"{home}/.local", f"{home}/.matplotlib"]
    return (*_SYSTEM, *map(os.path.abspath, places))


def _install() -> None:
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watches or event not in ("open", "os.mkdir", "os.rename"):
        return
    thread = threading.get_ident()
    mine = [watch for watch in _watches if watch.owner == thread]
    for watch in mine or [watch for watch in _watches if watch.hears(thread)]:
        if event == "os.mkdir":
            watch.own.add(_path(arguments[0]))
        elif event == "os.rename" and _path(arguments[0]) in watch.own:
            watch.own.add(_path(arguments[1]))
        elif event == "open" and isinstance(arguments[0], (str, bytes)):
            path = _path(arguments[0])
            if _writes(*arguments[1:]):
                watch.own.add(path)
            elif not watch.allows(path):
                watch.refused = path
                raise UndeclaredRead(path)


def _path(name: Any) -> str:
    return os.path.abspath(os.fsdecode(name)) if isinstance(name, (str, bytes)) else ""


def _writes(mode: str | None, flags: int) -> bool:
    if mode:
        return any(letter in mode for letter in "wax+")
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

