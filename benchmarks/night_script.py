"""A night as one script: the recipes of its tasks called one after the other, and no platform.

    python -m benchmarks.night_script DAY FOLDER

in a deployment's folder. Luigi's tasks say what is called with what; everything else is what a
person would write into a script: values stay in memory, and what a function wants as a file is
written once. No key, no store, no manifest, no lease, no process of its own, no second look.
Models are put into the registry, as the night does.
"""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import luigi

from tasks.engine import codec
from tasks.engine.explain import graph
from tasks.engine.identity import digest_of
from tasks.engine.recipe import unwrap, wants_path
from tasks.engine.source import value_of
from tasks.engine.walk import is_artifact
from tasks.engine.workshop import workshop
from workflows.nightly import Nightly


class Script:
    """The values of a night by task, in memory; files where a function wants them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.values: dict[str, Any] = {}
        self.files: dict[str, Path] = {}

    def call(self, task: Any) -> None:
        """Call a task's recipe with what the tasks below it came to."""
        recipe = task.recipe()
        function, _ = unwrap(recipe)
        inputs = {name: self._given(task, name, one, wants_path(function, name))
                  for name, one in task.requires_by_name().items()}  # fmt: skip
        self.values[task.task_id] = recipe(**inputs)

    def _given(self, task: Any, name: str, required: Any, as_path: bool) -> Any:
        file = task.file_read(name)
        if file is not None:
            return self._load(required, True) / file
        return self._load(required, as_path)

    def _load(self, required: Any, as_path: bool) -> Any:
        if isinstance(required, dict):
            return {name: self._load(one, as_path) for name, one in required.items()}
        if isinstance(required, (list, tuple)):
            return [self._load(one, as_path) for one in required]
        if not is_artifact(required):
            return value_of(required, workshop().copies)
        return self._written(required) if as_path else self._value(required)

    def _value(self, task: luigi.Task) -> Any:
        value = self.values[task.task_id]
        return codec.read_file(value) if isinstance(value, Path) else value

    def _written(self, task: luigi.Task) -> Path:
        """Where a value lies as a file; written when the first function wants it."""
        if task.task_id not in self.files:
            place = self.folder / task.task_id
            place.mkdir(parents=True)
            kind = codec.write(self.values[task.task_id], place)
            names = sorted(path.name for path in place.iterdir())
            self.files[task.task_id] = codec.place(kind, place, names)
        return self.files[task.task_id]


def main(day: str, folder: str) -> None:
    """Call everything below the night; print each model, for a comparison."""
    script = Script(Path(folder))
    for task in graph(Nightly(day=dt.date.fromisoformat(day))):
        if is_artifact(task):
            script.call(task)
            if task.task_family == "TrainModel":
                print(_model(script, task))


def _model(script: Script, task: Any) -> str:
    return f"{task.label()} {digest_of([script.values[task.task_id].get('model.txt', '')])}"


if __name__ == "__main__":
    main(*sys.argv[1:])
