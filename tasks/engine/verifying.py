"""Build artifacts once more, elsewhere, and compare every file: a recipe that gives the same
again can be trusted to give the same on another machine.

Nothing is put into the store. What a recipe is given is what the artifact was made from, since a
task's key is made from it; effects are left out, whose deeds must not be done twice.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import luigi

from tasks.engine import building
from tasks.engine.explain import graph
from tasks.engine.journal import Entry
from tasks.engine.payload import payload_of
from tasks.engine.walk import Walk, is_artifact
from tasks.engine.workshop import workshop

Outcome = Literal["same", "different", "not built", "effect"]


@dataclass(frozen=True)
class Verified:
    """What came of building one artifact again; ``differing`` names the files that differ."""

    task: str
    label: str
    outcome: Outcome
    differing: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Task and label, as in the store."""
        return f"{self.task}/{self.label}"


def verify(*roots: luigi.Task, below: bool = False) -> list[Verified]:
    """Build the artifacts of tasks again and compare them; with all ``below`` them, if asked.

    Raises what a recipe raises, and `CorruptPayload` when an input's bytes are bad.
    """
    walk = Walk(workshop())
    wanted = graph(*roots) if below else list(roots)
    return [_verified(task, walk) for task in wanted if is_artifact(task)]


def _verified(task: Any, walk: Walk) -> Verified:
    where = task.task_family, task.label()
    entry = walk.state(task).entry
    if not task.code_matters:
        return Verified(*where, "effect")
    if entry is None:
        return Verified(*where, "not built")
    with tempfile.TemporaryDirectory(prefix="setlist-verify-") as elsewhere:
        stage = Path(elsewhere, "stage")
        stage.mkdir()
        building.produce(task, walk, stage, entry.address[2], here=True)
        differing = _differing(entry, stage)
    return Verified(*where, "different" if differing else "same", differing)


def _differing(entry: Entry, stage: Path) -> list[str]:
    before = {name: (sha256, size) for name, size, sha256 in entry.files}
    after = {name: (one.sha256, one.size) for name, one in payload_of(stage).items()}
    return sorted(name for name in before.keys() | after.keys()
                  if before.get(name) != after.get(name))
