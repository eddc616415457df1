"""Sources: someone else's files, mutable, outside our store, known by what they hold.

A source that was touched but holds the same bytes is the same source. Hashes are remembered
beside the store, so that a night does not read last month's logs to know they are unchanged. Of
files in a bucket the listing says checksums and sizes, so none is read to know that.
"""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import luigi

from tasks.engine.bucket_path import BucketPath
from tasks.engine.errors import RecipeError, SourceChanged, SourceMissing
from tasks.engine.identity import digest_of
from tasks.engine.parameters import Parameters
from tasks.engine.payload import file_hash
from tasks.engine.source_copies import SourceCopies

#: A file younger than this when hashed may change again without its time changing.
_RACY_NANOSECONDS = 2_000_000_000

Signature = tuple[int, int, int, int]
Anywhere = str | os.PathLike[str] | BucketPath


class SourceTask(Parameters, luigi.ExternalTask):
    """A file or folder that someone else writes; subclasses say where it is.

    A recipe receives its path (a `pathlib.Path`; a list of them when ``path`` is a list). For a
    file of a bucket (a `BucketPath`) it is the path of a copy, which is there while it runs.
    """

    def path(self) -> Anywhere | Sequence[Anywhere]:
        """Where the source lies: a file, a folder, or a list of files; in a bucket, only files."""
        raise NotImplementedError(f"{type(self).__name__} must define path()")

    def expectation(self) -> str:
        """What should be there and what to do when it is not, for the message."""
        return "it is written by another system; wait for it or correct the path"

    def output(self) -> list[luigi.LocalTarget]:
        return [luigi.LocalTarget(str(path)) for path in paths_of(self)]

    def complete(self) -> bool:
        found = [path for path in paths_of(self) if path.exists()]
        return bool(found) and len(found) == len(paths_of(self))


def paths_of(task: luigi.Task) -> list[Path | BucketPath]:
    """The paths of a source, or of the files a plain Luigi task wrote."""
    if isinstance(task, SourceTask):
        path = task.path()
        return [_path(task, one) for one in (path if isinstance(path, (list, tuple)) else [path])]
    outputs = luigi.task.flatten(task.output())
    if not outputs or not all(hasattr(one, "path") for one in outputs):
        raise SourceMissing(
            f"{task} is a plain Luigi task without files in output(), so nothing of it can be an "
            "input of an artifact. Require the tasks it stands for, or give it a LocalTarget."
        )
    return [Path(one.path) for one in outputs]


def _path(task: SourceTask, path: Any) -> Path | BucketPath:
    if isinstance(path, BucketPath):
        return path
    if "://" in str(path):
        raise RecipeError(
            f"{task.task_family}.path() is the text {path}. For a file of a bucket give a "
            "BucketPath: bucket_folder(prefix, setting) / name."
        )
    return Path(path)


def places_of(task: luigi.Task, copies: SourceCopies) -> list[Path]:
    """Where the files of a source lie on this machine, whether they are there yet or not."""
    return [copies.place(one) if isinstance(one, BucketPath) else one for one in paths_of(task)]


def value_of(task: luigi.Task, copies: SourceCopies) -> Any:
    """What a recipe receives for a source: one path, or a list of paths; files to read now."""
    copies.bring_all(one for one in paths_of(task) if isinstance(one, BucketPath))
    paths = places_of(task, copies)
    is_list = isinstance(task, SourceTask) and isinstance(task.path(), (list, tuple))
    return paths if is_list or len(paths) > 1 else paths[0]


def absence(task: luigi.Task) -> str:
    """What of a source is absent, and what to do about it."""
    try:
        absent = [str(path) for path in paths_of(task) if not path.exists()]
    except SourceMissing as error:
        return str(error)
    what = task.expectation() if isinstance(task, SourceTask) else f"it is made by {task}"
    lacks = f"{', '.join(absent)} is not there" if absent else f"{task} is not complete"
    return f"{task.task_family}: {lacks}; {what}"


def require_present(task: luigi.Task) -> None:
    """Raise `SourceMissing` naming each path that is absent."""
    if not all(path.exists() for path in paths_of(task)):
        raise SourceMissing(absence(task))


class SourceDigests:
    """Content hashes of files, remembered by size, times and inode."""

    def __init__(self, path: Path):
        self.path = path
        self._known: dict[str, tuple[Signature, str]] = {}
        self._loaded = False

    def digest(self, task: luigi.Task) -> str:
        """Hash of all files of a source. Raises `SourceMissing`."""
        require_present(task)
        texts: list[str] = []
        for path in paths_of(task):
            if isinstance(path, BucketPath):
                texts += [".", path.identity]
                continue
            for file in files_in(path):
                name = file.relative_to(path).as_posix() if file != path else "."
                texts += [name, self._of_file(file)]
        return digest_of(["source", *texts])

    def confirm(self, task: luigi.Task, digest: str) -> None:
        """Raise `SourceChanged` unless a source still has the digest a key was made from."""
        try:
            same = self.digest(task) == digest
        except (SourceMissing, FileNotFoundError):
            same = False
        if not same:
            raise SourceChanged(", ".join(map(str, paths_of(task))))

    def _of_file(self, path: Path) -> str:
        self._load()
        name, before = str(path.resolve()), signature(path)
        known = self._known.get(name)
        if known is not None and known[0] == before:
            return known[1]
        digest = file_hash(path)
        if signature(path) != before:
            raise SourceChanged(str(path))
        if time.time_ns() - max(before[1], before[2]) > _RACY_NANOSECONDS:
            self._remember(name, before, digest)
        return digest

    def _load(self) -> None:
        if self._loaded or not self.path.exists():
            return
        self._loaded = True
        for line in self.path.read_bytes().splitlines():
            try:
                name, stamp, digest = json.loads(line)
                self._known[name] = (tuple(stamp), digest)
            except (ValueError, TypeError):
                continue  # torn by a kill: that file is simply hashed again

    def _remember(self, name: str, stamp: Signature, digest: str) -> None:
        self._known[name] = (stamp, digest)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as lines:
            lines.write(f"\n{json.dumps([name, stamp, digest])}\n")


def signature(path: Path) -> Signature:
    """What changes when a file is rewritten: size, times, inode."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def files_in(path: Path) -> list[Path]:
    """A file itself, or every file below a folder, in a fixed order."""
    if not path.is_dir():
        return [path]
    return sorted(one for one in path.rglob("*") if one.is_file())

