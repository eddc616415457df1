"""One look at a graph: the key of every task, computed bottom-up from contents, run nothing.

A task's key needs the digests of its inputs; an input that is not built yet has none, so
everything above it is unknown until it is. Existence is never remembered (files are asked
each time); keys are, for as long as one Luigi worker works on one graph.
"""

import contextlib
import gc
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import luigi

from tasks.engine.errors import RecipeError, SourceError
from tasks.engine.identity import digest_of
from tasks.engine.journal import Address, Entry
from tasks.engine.recipe import Recipe
from tasks.engine.source import absence
from tasks.engine.workshop import Workshop

logger = logging.getLogger(__name__)

#: New objects of a graph that is worth sparing the next search for garbage.
_MUCH = 50_000


@dataclass(slots=True)
class State:
    """What is known of one task: its key if its inputs exist, its digest if it exists too."""

    key: str | None = None
    digest: str | None = None
    entry: Entry | None = None


class Walk:
    """The states of a graph's tasks, as one run sees them.

    ``forks`` says that each task will run in a process forked from this one.
    """

    def __init__(self, workshop: Workshop, forks: bool = False):
        self.workshop = workshop
        self.forks = forks
        self.states: dict[str, State] = {}
        self.recipes: dict[str, Recipe] = {}
        workshop.cook.refresh()
        workshop.store.refresh()

    def state(self, task: luigi.Task) -> State:
        """The state of a task, after those of everything below it; iterative, so depth is free."""
        known = self.states.get(task.task_id)
        if known is None or known.digest is None:
            with kept():
                self._look_below(task)
        return self.states[task.task_id]

    def _look_below(self, task: luigi.Task) -> None:
        waiting, entered, states = [task], set[str](), self.states
        while waiting:
            current = waiting[-1]
            its_id = current.task_id
            known = states.get(its_id)
            if known is not None and known.digest is not None:
                waiting.pop()
                continue
            if its_id not in entered:
                entered.add(its_id)
                below = [one for _, one in named_inputs(current) if one.task_id not in states]
                if below:
                    refuse_circle(current, below, entered)
                    waiting += below
                    continue
            states[its_id] = self._look(current, listed=True)
            entered.discard(its_id)
            waiting.pop()

    def again(self, task: luigi.Task) -> State:
        """As `state`, but whatever was missing is looked for once more, here and below."""
        self._again(task, set())
        return self.states[task.task_id]

    def recipe(self, task: Any) -> Recipe:
        """The identity of a task's recipe, computed once per walk."""
        if task.task_id not in self.recipes:
            self.recipes[task.task_id] = task.describe(self.workshop.cook)
        return self.recipes[task.task_id]

    def input_digests(self, task: luigi.Task) -> dict[str, str] | None:
        """Digests of a task's inputs by name; None while one of them has none."""
        found: dict[str, str] = {}
        for name, one in named_inputs(task):
            state = self.states[one.task_id]
            if state.digest is None:
                return None
            file = task.file_read(name)  # type: ignore[attr-defined]
            found[name] = (state.digest if file is None or state.entry is None
                           else _digest_of_file(task, name, file, state.entry))
        return found

    def is_complete(self, task: luigi.Task, running: luigi.Task | None = None) -> bool:
        """Whether a task's artifact exists, and so does everything it was made from.

        Once a task is ``running``, what was missing is looked for again.
        """
        known = self.states.get(task.task_id)
        state = self.state(task)
        if state.digest is None and running:
            state = self.again(task)
        # An input that is set aside in this instant is being mended: whoever reads it waits.
        if state.entry is not None and running not in (None, task):
            return True
        # A state that is new was looked at this instant; any other may have gone since.
        if state.entry is not None and (
            state is not known or self.workshop.store.find(state.entry.address) is not None
        ):
            return True
        if (self.forks or task.worker_timeout) and not running:
            self.workshop.prepare(task)
            if state.key is None:
                self._read_ahead(task)
        return False

    def known_inputs(self, task: luigi.Task) -> list[tuple[str, str]]:
        """Key and digest of each input: what another process has to be told, to `believe`."""
        states = [self.states[one.task_id] for one in dependencies(task)]
        return [(state.key or "", state.digest or "") for state in states]

    def believe(self, task: luigi.Task, known: Sequence[Sequence[str]]) -> None:
        """Take over what the process that asked knows of a task's inputs, and look no deeper.

        An artifact counts as it is found here: another content under its key is not what was meant.
        """
        for one, (key, digest) in zip(dependencies(task), known, strict=True):
            if not is_artifact(one):
                self.states[one.task_id] = State(key, digest)
            elif (entry := self.workshop.store.find(address_of(one, key))) is not None:
                self.settle(one, entry)

    def settle(self, task: luigi.Task, entry: Entry) -> None:
        """Record that a task's artifact now exists."""
        self.states[task.task_id] = State(entry.address[2], entry.digest, entry)

    def _read_ahead(self, task: Any) -> None:
        """Read the code a recipe reaches once, before processes are forked that each would.

        What is wrong with the recipe is said when its turn comes.
        """
        with contextlib.suppress(Exception):
            task.describe(self.workshop.cook)

    def _again(self, task: luigi.Task, seen: set[str]) -> None:
        """Re-examine tasks without a digest, children first, trusting the run's own record."""
        waiting = [task]
        while waiting:
            current = waiting[-1]
            known = self.states.get(current.task_id)
            if known is not None and known.digest is not None:
                waiting.pop()
                continue
            recorded = self._recorded(current)
            if recorded is not None:
                self.settle(current, recorded)
                waiting.pop()
                continue
            below = [one for one in dependencies(current)
                     if one.task_id not in seen and self._lacks_digest(one)]
            seen.update(one.task_id for one in below)
            if below:
                waiting += below
                continue
            self.states[current.task_id] = self._look(current)
            waiting.pop()

    def _lacks_digest(self, task: luigi.Task) -> bool:
        known = self.states.get(task.task_id)
        return known is None or known.digest is None

    def _recorded(self, task: luigi.Task) -> Entry | None:
        address = self.workshop.log.built(task.task_id)
        return self.workshop.store.find(address) if address else None

    def _look(self, task: luigi.Task, listed: bool = False) -> State:
        if not is_artifact(task):
            return self._look_at_source(task)
        digests = self.input_digests(task)
        if digests is None:
            return State()
        key = key_of(self.recipe(task), digests)
        entry = self.workshop.store.find(address_of(task, key), listed=listed)
        return State(key, entry.digest if entry else None, entry)

    def _look_at_source(self, task: luigi.Task) -> State:
        if isinstance(task, luigi.WrapperTask):
            raise RecipeError(
                f"{task} is a WrapperTask and has no content; require the tasks it stands for."
            )
        if not task.complete():
            if isinstance(task, luigi.ExternalTask):
                logger.warning("%s", absence(task))
            return State()
        try:
            digest = self.workshop.sources.digest(task)
        except SourceError as error:
            logger.warning("%s", error)
            return State()
        return State(digest, digest)


def _digest_of_file(task: luigi.Task, name: str, file: str, entry: Entry) -> str:
    """The digest of the one file of an input that a task reads."""
    for known, _, sha256 in entry.files:
        if known == file:
            return digest_of(["file", file, sha256])
    raise RecipeError(f"{task} reads {file} of its input {name}, which has no such file")


def refuse_circle(task: luigi.Task, below: list[luigi.Task], entered: set[str]) -> None:
    """Raise `RecipeError` when a task needs one that is waiting for it (Luigi would hang)."""
    for one in below:
        if one.task_id in entered:
            raise RecipeError(f"{one} depends on itself: {task} requires it again")


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """While a graph is looked at, what is made is kept: no use to search it for garbage."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Asking what is frozen counts it one by one: a process that has little does not ask.
        if gc.get_count()[0] > _MUCH and not gc.get_freeze_count():
            # All of it is old at once; else the next search would begin with a hundred thousands.
            gc.freeze()
            gc.unfreeze()
        if collects:
            gc.enable()


def key_of(recipe: Recipe, digests: dict[str, str]) -> str:
    """An artifact's name: the hash of its recipe and of the content of its inputs."""
    pairs = [text for pair in sorted(digests.items()) for text in pair]
    return digest_of([recipe.digest, *pairs])


def address_of(task: Any, key: str) -> Address:
    """Where a task's artifact of some key lies."""
    return task.task_family, task.label(), key


def is_artifact(task: luigi.Task) -> bool:
    """Whether a task is one of the engine's own."""
    return hasattr(task, "describe")


def named_inputs(task: luigi.Task) -> list[tuple[str, luigi.Task]]:
    """Every input of a task with its name; members of a list are ``name[0]``, ``name[1]``…"""
    return task.named_inputs() if is_artifact(task) else []  # type: ignore[attr-defined]


def dependencies(task: luigi.Task) -> list[luigi.Task]:
    """The tasks a task's key is made from."""
    return [one for _, one in named_inputs(task)]
