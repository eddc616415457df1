"""The standing list of listeners who asked to be forgotten: appended to, never rewritten."""

import contextlib
import csv
import fcntl
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ml.contract import ID_PATTERN
from ml.shards import read_list
from tasks.engine.errors import EngineError


class NoSuchId(EngineError):
    """What was given cannot be the id of a listener."""


def checked(ids: Iterable[str]) -> list[str]:
    """Ids, each once, in order. Raises `NoSuchId`, naming every one that cannot be an id."""
    found = list(dict.fromkeys(one.strip() for one in ids))
    wrong = [one for one in found if not re.match(ID_PATTERN, one)]
    if wrong:
        raise NoSuchId(
            "expected ids of 1 to 128 characters without spaces, found "
            f"{', '.join(map(repr, wrong[:5]))}{' and more' if len(wrong) > 5 else ''}. "
            "Nothing was recorded."
        )
    return found


def listed(path: Path) -> list[str]:
    """Who is on the list, in order; nobody when there is no list.

    Raises `SourceUnreadable` when it is no CSV with a column ``listener``.
    """
    if not path.exists():
        return []
    return [one for one in read_list(path)["listener"] if one]


def record(path: Path, ids: list[str]) -> list[str]:
    """Put ids on the list; those that were not on it before.

    The file is replaced in one step, and one process does it at a time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        known = set(listed(path))
        new = [one for one in ids if one not in known]
        if new:
            _append(path, new)
        return new


def _append(path: Path, new: list[str]) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else "listener\n"
    header = next(csv.reader([text.splitlines()[0].lstrip("\ufeff")]))
    lines = io.StringIO()
    writer = csv.DictWriter(lines, header, lineterminator="\n")
    writer.writerows({"listener": one} for one in new)
    coming = path.with_name(f".{path.name}.{os.getpid()}")
    with coming.open("w", encoding="utf-8") as handle:
        handle.write(text.rstrip("\n") + "\n" + lines.getvalue())
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(coming, path)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.with_name(f".{path.name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
