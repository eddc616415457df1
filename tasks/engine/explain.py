"""What would run, and why: the same looks and the same reasons as a run, and nothing is run.

A task is *certain* to be built when its key is known and has no artifact, or when its inputs
are about to be built and no earlier artifact had this recipe. It *may* be built when only
its inputs are about to: they can come out as they were (early cutoff).
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import luigi

from tasks.engine.building import why as reasons_for
from tasks.engine.errors import CorruptPayload
from tasks.engine.manifest import Manifest, Reason
from tasks.engine.recipe import Recipe
from tasks.engine.source import absence
from tasks.engine.walk import Walk, address_of, is_artifact, named_inputs, refuse_circle
from tasks.engine.workshop import workshop

Verdict = Literal["build", "maybe", "current", "source missing", "blocked"]


@dataclass(frozen=True)
class Step:
    """What a run would do with one task."""

    task: str
    label: str
    verdict: Verdict
    reasons: list[Reason] = field(default_factory=list)
    seconds: float | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    inputs: int = 0
    """How many inputs it has."""

    @property
    def name(self) -> str:
        """Task and label, as in the store."""
        return f"{self.task}/{self.label}"


@dataclass(frozen=True)
class Plan:
    """What a run would do with every task of a graph, inputs before what needs them."""

    steps: list[Step]

    def having(self, verdict: Verdict) -> list[Step]:
        """The steps with one verdict."""
        return [step for step in self.steps if step.verdict == verdict]

    @property
    def seconds(self) -> float:
        """How long the certain steps took when they last ran."""
        return sum(step.seconds or 0.0 for step in self.having("build"))


def plan(*roots: luigi.Task) -> Plan:
    """Look at a graph and say what would be built, what may be, and why."""
    walk = Walk(workshop())
    order = graph(*roots)
    for task in order:
        if is_artifact(task) or not task.deps():
            walk.state(task)
    verdicts: dict[str, Verdict] = {}
    found = Plan([_step(task, walk, verdicts) for task in order if _has_content(task)])
    walk.workshop.cook.reader.memory.save()
    return found


def why(task: Any) -> tuple[Manifest | None, list[Reason]]:
    """The newest artifact of a task, and why it was built; or why it would be.

    Reasons of an artifact that is current are those its manifest recorded.
    """
    walk = Walk(workshop())
    state = walk.state(task)
    if state.entry is not None:
        manifest = walk.workshop.store.manifest(state.entry.address)
        return manifest, manifest.reasons
    return walk.workshop.store.latest(task.task_family, task.label()), _reasons(task, walk)


def graph(*roots: luigi.Task) -> list[luigi.Task]:
    """Every task below the roots, each once, what is needed first."""
    order: dict[str, luigi.Task] = {}
    entered: set[str] = set()
    waiting: list[tuple[luigi.Task, bool]] = [(root, False) for root in reversed(roots)]
    while waiting:
        task, is_ready = waiting.pop()
        if task.task_id in order:
            continue
        if is_ready:
            order[task.task_id] = task
            entered.discard(task.task_id)
        else:
            entered.add(task.task_id)
            refuse_circle(task, task.deps(), entered)
            waiting.append((task, True))
            waiting += [(one, False) for one in reversed(task.deps())]
    return list(order.values())


def _has_content(task: luigi.Task) -> bool:
    return is_artifact(task) or not (task.deps() or task.complete())


def _step(task: Any, walk: Walk, verdicts: dict[str, Verdict]) -> Step:
    verdict = _verdict(task, walk, verdicts)
    verdicts[task.task_id] = verdict
    if not is_artifact(task):
        return Step(task.task_family, str(task), verdict, [Reason("source", absence(task))])
    reasons = _reasons(task, walk, verdicts) if verdict in ("build", "maybe", "blocked") else []
    texts = task.to_str_params(only_significant=True)
    seconds = walk.workshop.store.seconds(task.task_family, task.label())
    inputs = len(named_inputs(task))
    return Step(task.task_family, task.label(), verdict, reasons, seconds, texts, inputs)


def _verdict(task: Any, walk: Walk, verdicts: dict[str, Verdict]) -> Verdict:
    state = walk.state(task)
    if not is_artifact(task):
        return "current" if state.digest else "source missing"
    if state.entry is not None:
        return "current"
    below = {verdicts.get(one.task_id, "current") for _, one in named_inputs(task)}
    if below & {"source missing", "blocked"}:
        return "blocked"
    return "build" if state.key is not None or not _seen_before(task, walk) else "maybe"


def _seen_before(task: Any, walk: Walk) -> bool:
    """Whether any artifact under the task's label came from the recipe it has now."""
    recipe = walk.recipe(task)
    store = walk.workshop.store
    for entry in store.entries(task.task_family, task.label()):
        try:
            if same_recipe(store.manifest(entry.address), recipe):
                return True
        except CorruptPayload:
            continue
    return False


def same_recipe(manifest: Manifest, recipe: Recipe) -> bool:
    """Whether an artifact was made by the code, values and libraries that a recipe has now."""
    return (manifest.function, manifest.values, manifest.code, manifest.libraries) == (
        recipe.function, recipe.values, recipe.code, recipe.libraries)


def _reasons(task: Any, walk: Walk, verdicts: dict[str, Verdict] | None = None) -> list[Reason]:
    state = walk.state(task)
    previous = walk.workshop.store.latest(task.task_family, task.label())
    digests = walk.input_digests(task)
    address = address_of(task, state.key or "")
    problem = walk.workshop.store.problem(address) if digests is not None else None
    found = reasons_for(address, walk.recipe(task), digests, previous, problem)
    return [*found, *_pending(task, walk, verdicts or {})] if previous else found


def _pending(task: Any, walk: Walk, verdicts: dict[str, Verdict]) -> list[Reason]:
    words = {"build": "will be rebuilt", "maybe": "may be rebuilt", "blocked": "is blocked",
             "source missing": "is not there"}
    return [
        Reason("input", name, words.get(verdicts.get(one.task_id, "build"), "is missing"))
        for name, one in named_inputs(task) if walk.state(one).digest is None
    ]
