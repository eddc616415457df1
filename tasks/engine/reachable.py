"""What a store must keep: everything that can be reached from some roots, through manifests.

A manifest names its inputs by task and key. What a source task reads from the store (what an
earlier night left) is in no manifest by its key, so it is found by the paths of the graph's tasks.
"""

import contextlib
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import luigi
from luigi.task_register import Register, TaskClassException

from tasks.engine.errors import CorruptPayload, EngineError, StoreError
from tasks.engine.journal import Address
from tasks.engine.manifest import Manifest
from tasks.engine.source import SourceTask, paths_of
from tasks.engine.store import Store
from tasks.engine.transfer import at_once
from tasks.engine.walk import Walk, is_artifact
from tasks.engine.workshop import Workshop

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Roots:
    """Where marking begins: ``deep`` with all that went into them, ``alone`` by themselves."""

    deep: frozenset[Address] = frozenset()
    alone: frozenset[Address] = frozenset()


class There:
    """The artifacts that are in a store, found by what manifests say of them."""

    def __init__(self, store: Store, addresses: Iterable[Address]):
        self.store = store
        self.addresses = frozenset(addresses)
        self._by_key: dict[tuple[str, str], list[Address]] = {}
        for one in self.addresses:
            self._by_key.setdefault((one[0], one[2]), []).append(one)

    def inputs(self, address: Address, *names: str) -> set[Address]:
        """What an artifact was made from, as far as it is there (of these names, if any)."""
        try:
            inputs = self.store.manifest(address).inputs.items()
        except CorruptPayload as error:
            logger.warning("%s; what it was made from is not known", error)
            return set()
        return {found for name, one in inputs if not names or name in names
                for found in self._by_key.get((one.task, one.key), ())}  # fmt: skip

    def reachable(self, roots: Roots) -> set[Address]:
        """What the roots need, themselves among it."""
        marked = set(roots.deep & self.addresses)
        waiting = sorted(marked)
        while waiting:
            below = self._inputs_of(waiting)
            waiting = sorted(below - marked)
            marked |= below
        return marked | (roots.alone & self.addresses)

    def _inputs_of(self, addresses: list[Address]) -> set[Address]:
        found: set[Address] = set()
        at_once(lambda one: found.update(self.inputs(one)), addresses)
        return found


def in_graph(tasks: Iterable[luigi.Task], workshop: Workshop) -> set[Address]:
    """The artifacts of all tasks at or below some, and what their sources read from the store.

    Tasks whose code or settings do not allow them any more are passed over; a store that fails is
    not: raises the subclasses of `StoreError`.
    """
    found: set[Address] = set()
    walk = Walk(workshop)
    for task in _graph(tasks):
        with _passing_over(task):
            if isinstance(task, SourceTask):
                found |= _read_from_store(task, workshop.settings.root)
            if not is_artifact(task):
                continue
            entry = walk.state(task).entry
            if entry is not None:
                found.add(entry.address)
    return found


def task_of(manifest: Manifest) -> luigi.Task | None:
    """The task that an artifact is of, as the code is now; None when there is none any more."""
    try:
        task: Any = Register.get_task_cls(manifest.task).from_str_params(manifest.parameters)
        return task if is_artifact(task) and task.label() == manifest.label else None
    except (TaskClassException, luigi.parameter.ParameterException, ValueError):
        return None


def used_since(records: Path, moment: float, there: frozenset[Address]) -> set[Address]:
    """The artifacts that runs used since a moment (in seconds since 1970), as their records say.

    Of a run that has not ended, everything under the labels it planned with counts.
    """
    found: set[Address] = set()
    planned: set[tuple[str, str]] = set()
    for path in records.glob("*.jsonl"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime >= moment:
                lines = [_parsed(line) for line in path.read_bytes().splitlines()]
                found |= {(one["task"], one["label"], one["key"]) for one in lines
                          if one.keys() >= {"task", "label", "key"}}  # fmt: skip
                planned |= _planned(lines)
    return (found & there) | {one for one in there if one[:2] in planned}


def _planned(lines: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """The tasks and labels that a run, which has not ended, found or is to make."""
    if any("end" in one for one in lines):
        return set()
    plans = [one["begin"].get("plan", {}) for one in lines if isinstance(one.get("begin"), dict)]
    return {(task, label) for plan in plans for tasks in plan.values()
            for task, labels in tasks.items() for label in labels}  # fmt: skip


def _parsed(line: bytes) -> dict[str, Any]:
    """One line of a record; nothing of one that a kill left torn."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _graph(roots: Iterable[luigi.Task]) -> Iterator[luigi.Task]:
    """Every task at or below the roots, each once."""
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        task = waiting.pop()
        if task.task_id in seen:
            continue
        seen.add(task.task_id)
        with _passing_over(task):
            waiting += task.deps()
        yield task


@contextlib.contextmanager
def _passing_over(task: luigi.Task) -> Iterator[None]:
    """Go on without a task of the past that is not possible any more."""
    try:
        yield
    except StoreError:
        raise
    except (EngineError, FileNotFoundError, ValueError, LookupError) as error:
        logger.info("%s is passed over: %s", task, error)


def _read_from_store(task: SourceTask, root: Path) -> set[Address]:
    """The artifacts in which a source's files lie."""
    found: set[Address] = set()
    for path in paths_of(task):
        if isinstance(path, Path) and path.is_relative_to(root):
            parts = path.relative_to(root).parts
            if len(parts) >= 3:
                found.add((parts[0], parts[1], parts[2]))
    return found
