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


class _Watch(threading.local):
    allowed: tuple[str, ...] | None = None
    written: set[str]


_watch = _Watch()
_installed = False


@contextmanager
def watched(given: Iterable[Path]) -> Iterator[None]:
    """Raise `UndeclaredRead` when code in this thread opens a file it was not ``given``."""
    _install()
    before = _watch.allowed
    _watch.written = set()
    _watch.allowed = (*_always(), *(os.path.abspath(path) for path in given))
    try:
        yield
    finally:
        _watch.allowed = before


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
    if event not in ("open", "os.mkdir") or _watch.allowed is None:
        return
    if event == "os.mkdir":
        _watch.written.add(os.path.abspath(os.fsdecode(arguments[0])))
        return
    name, mode, flags = arguments
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if not isinstance(name, str):
        return
    path = os.path.abspath(name)
    if _writes(mode, flags):
        _watch.written.add(path)
    elif not _is_allowed(path):
        raise UndeclaredRead(path)


def _writes(mode: str | None, flags: int) -> bool:
    if mode:
        return any(letter in mode for letter in "wax+")
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _is_allowed(path: str) -> bool:
    if path.endswith((".py", ".pyc", ".so", ".pth")):
        return True
    places = (*(_watch.allowed or ()), *_watch.written)
    if any(path == place or path.startswith(place + os.sep) for place in places):
        return True
    return os.path.isdir(path) or not os.path.exists(path)
