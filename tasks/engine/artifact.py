"""The task an author writes: what it needs, and what it would run. The rest is here.

::

    class TrainModel(ArtifactTask):
        day = luigi.DateParameter()

        def requires(self):
            return {"examples": BuildExamples(day=self.day)}

        def recipe(self):
            return functools.partial(training.fit, rounds=200)

The recipe is called as ``fit(examples=<what BuildExamples made>, rounds=200)``; what it returns
is the artifact.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import luigi

from tasks.engine import building, recording, runs
from tasks.engine.asking import walk_of_asker
from tasks.engine.errors import RecipeError
from tasks.engine.freshness import remember_loaded
from tasks.engine.identity import digest_of
from tasks.engine.label import label_of
from tasks.engine.parameters import Once, Parameters
from tasks.engine.recipe import Cook, Recipe
from tasks.engine.run_file import logging_of
from tasks.engine.telling import Telling
from tasks.engine.walk import Walk


class ArtifactTask(Telling, Parameters, luigi.Task, metaclass=Once):
    """A Luigi task rebuilt exactly when its recipe or the content of an input changes."""

    code_matters = True
    """Whether a change of the recipe's code makes a new artifact (not so for effects)."""

    preload: tuple[str, ...] = ()
    """Modules that each process for such a task would import: once, before it is forked."""

    # With these in it, the dictionary of each of ten thousand tasks takes four times the room.
    __slots__ = ("_named_inputs", "_plain_id", "_requires_by_name", "_run", "task_id")

    _message = ""
    _failure: BaseException | None = None

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        # The modules a task is made of have just been loaded: what did their files say?
        remember_loaded()

    def identify(self, plain: str) -> None:
        """Take Luigi's id, made one of this run."""
        self._plain_id = plain
        self._join(runs.current())

    def requires(self) -> dict[str, Any]:
        """Inputs by name: a task, or a list or dict of tasks, for each parameter of the recipe."""
        return {}

    def recipe(self) -> Callable[..., Any]:
        """The function that would run, as a ``functools.partial`` with its values bound by name."""
        raise NotImplementedError(f"{type(self).__name__} must define recipe()")

    def file_read(self, name: str) -> str | None:
        """The one file of an input that the recipe is given, as a path; None for all of it.

        Then only that file's content counts, whatever else of the input came out otherwise.
        """
        return None

    def label(self) -> str:
        """A folder name for people: the significant parameters, unless overridden."""
        return label_of(self)

    def summary(self, value: Any) -> str:
        """A sentence about what was built, for the scheduler's page and the run's record."""
        return ""

    def notes(self, value: Any) -> dict[str, str | float]:
        """Single words and figures of the result that the manifest and the ledger keep.

        ``verdict`` is shown beside built and failed, wherever nights are: ``refused``, say.
        """
        return {}

    def page(self, link: str, notes: dict[str, str | float]) -> str:
        """Where the scheduler's page leads; ``link`` is the artifact's own address."""
        return link

    def complete(self) -> bool:
        """Whether the artifact of this recipe on these contents exists."""
        walk, running = walk_of_asker()
        return walk.is_complete(self, running)

    def output(self) -> "ArtifactTarget":
        """Where the artifact is, or would be."""
        return ArtifactTarget(self)

    def run(self) -> None:
        """Build the artifact, or reuse an equal one; called by Luigi."""
        walk, _ = walk_of_asker()
        with logging_of(f"{self.task_family}/{self.label()}"):
            self._message = building.make(self, walk)

    def on_failure(self, exception: BaseException) -> str:
        """Luigi's account of a failure; recorded, unless it was raised by what was recorded."""
        if self._failure is not exception:
            recording.failure(self, exception)
        return super().on_failure(exception)

    def on_success(self) -> str:
        """The sentence Luigi keeps when the task is done."""
        return self._message

    def describe(self, cook: Cook) -> Recipe:
        """The identity of this task's recipe. Raises `RecipeError` when it cannot be called."""
        inputs = self.requires_by_name()
        given = [*inputs, "peers"] if self.ranks > 1 else inputs
        return cook.describe(self.recipe(), given, with_code=self.code_matters)

    def requires_by_name(self) -> dict[str, Any]:
        """What `requires` says, checked. Raises `RecipeError` if it is not a dict."""
        known = getattr(self, "_requires_by_name", None)
        if known is None:
            required = self.requires() or {}
            if not isinstance(required, dict):
                raise RecipeError(
                    f"{type(self).__name__}.requires() must return a dict of input names to tasks "
                    f"(or lists or dicts of tasks), not {type(required).__name__}."
                )
            known = self._requires_by_name = required
        return known

    def named_inputs(self) -> list[tuple[str, luigi.Task]]:
        """Every task this one requires with its name, such as ``days[3]``."""
        known = getattr(self, "_named_inputs", None)
        if known is None:
            found: list[tuple[str, luigi.Task]] = []
            for name, required in self.requires_by_name().items():
                _enter(required, name, found)
            known = self._named_inputs = found
        return known

    def deps(self) -> list[luigi.Task]:
        """Luigi's list of required tasks."""
        return [task for _, task in self.named_inputs()]

    def to_str_params(self, only_significant: bool = False, only_public: bool = False) -> dict:
        """Parameters as text; carries the run, so that another machine's worker joins it."""
        texts = super().to_str_params(only_significant, only_public)
        return texts if only_significant else {**texts, "run": self._run}

    @classmethod
    def from_str_params(cls, params_str: dict[str, str]) -> Any:
        """Make a task from text, joining the run it belongs to."""
        params = dict(params_str)
        run = params.pop("run", runs.current())
        if run != runs.current():
            runs.begin(run)
        task = super().from_str_params(params)
        task._join(run)
        return task

    def _join(self, run: str) -> None:
        # A central scheduler knows tasks by id alone. Two runs may have different code or
        # contents, and it would answer one with the other's success: so an id says its run.
        self._run = run
        self.task_id = f"{self._plain_id}_{_tag(run)}"


@ArtifactTask.event_handler(luigi.Event.PROCESS_FAILURE)
@ArtifactTask.event_handler(luigi.Event.TIMEOUT)
def _record_death(task: ArtifactTask, message: str) -> None:
    """Luigi's process of a task was killed, or ended for being late: nobody else can tell."""
    recording.failure(task, message)


class ArtifactTarget(luigi.Target):
    """The artifact of a task, as Luigi's other tools expect to find it."""

    def __init__(self, task: ArtifactTask):
        self.task = task

    def exists(self) -> bool:
        """Whether the artifact exists."""
        return self.task.complete()

    @property
    def path(self) -> str:
        """The artifact's folder; the folder of its label while its key is not known yet."""
        walk, running = walk_of_asker()
        return str(building.folder_of(self.task, walk, running is not None))

    def load(self) -> Any:
        """The artifact's value, every byte checked. Raises `SourceMissing` if it is not built."""
        walk, _ = walk_of_asker()
        return building.load(self.task, walk)

    def folder(self) -> Path:
        """The artifact's folder as a path."""
        return Path(self.path)

    def __str__(self) -> str:
        return f"{self.task.task_family}/{self.task.label()}"


@functools.lru_cache(maxsize=8)
def _tag(run: str) -> str:
    """What the ids of a run's tasks end with."""
    return digest_of([run])[:8]


def _enter(required: Any, name: str, found: list[tuple[str, luigi.Task]]) -> None:
    """Enter every task of one input with its name."""
    if isinstance(required, luigi.Task):
        found.append((name, required))
    elif isinstance(required, (list, tuple)):
        for position, inner in enumerate(required):
            _enter(inner, f"{name}[{position}]", found)
    elif isinstance(required, dict):
        for key, inner in required.items():
            _enter(inner, f"{name}[{key}]", found)
    else:
        raise RecipeError(
            f"input {name} must be a task, or a list or dict of tasks, not {required!r}."
        )


__all__ = ["ArtifactTarget", "ArtifactTask", "Walk"]
