"""Deployments in folders of their own, run as an operator would: a ``luigi.cfg`` and Luigi."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1",
               "SETLIST_PSEUDONYM_KEY": "known to the tests alone"}  # fmt: skip
ALL_OF_THEM = """
import importlib, json, sys
from tasks.engine import build
wanted = [getattr(importlib.import_module(module), name).from_str_params(parameters)
          for module, name, parameters in json.loads(sys.argv[1])]
sys.exit(not build(wanted, workers=2, log_level="WARNING").succeeded)
"""


class Deployment:
    """A folder with a ``luigi.cfg``, and what Luigi makes in it.

    The settings are the repository's own, with some of section ``[setlist]`` or ``[world]``
    changed.
    """

    def __init__(self, where, **settings):
        self.folder = Path(where)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root = self.folder / "var" / "artifacts"
        text = (REPOSITORY / "luigi.cfg").read_text()
        for name, value in settings.items():
            text, found = re.subn(rf"(?m)^{name} *=.*$", f"{name} = {value}", text)
            assert found == 1, f"luigi.cfg has no setting {name}"
        (self.folder / "luigi.cfg").write_text(text)

    def copied_to(self, where):
        """The same deployment in another folder, with all it has made."""
        shutil.copytree(self.folder, where)
        copy = Deployment.__new__(Deployment)
        copy.__dict__ |= self.__dict__ | {"folder": Path(where)}
        copy.root = copy.folder / "var" / "artifacts"
        return copy

    def run(self, module, task, workers=1, **parameters):
        """``python -m luigi`` in the folder; the finished process, with what it printed."""
        options = [part for name, value in parameters.items()
                   for part in (f"--{name}", str(value))]  # fmt: skip
        return self.python("-m", "luigi", "--module", module, task, *options,
                            "--workers", str(workers))  # fmt: skip

    def build(self, module, task, workers=2, **parameters):
        """As `run`, and it must succeed; the tasks that were built, as ``Task label``."""
        return self._built(lambda: self.run(module, task, workers, **parameters))

    def build_all(self, *tasks):
        """Build several tasks, (module, name, parameters) each, in one run."""
        wanted = [(module, name, {key: str(value) for key, value in parameters.items()})
                  for module, name, parameters in tasks]  # fmt: skip
        return self._built(lambda: self.python("-c", ALL_OF_THEM, json.dumps(wanted)))

    def forget(self, listeners):
        """Write the list of listeners who asked to be forgotten."""
        path = self.folder / "var" / "forgotten.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(["listener", *listeners]) + "\n")

    def artifacts(self):
        """Every file of every committed artifact."""
        return {path.relative_to(self.root) for manifest in self.root.glob("*/*/*/manifest.json")
                for path in manifest.parent.iterdir()}  # fmt: skip

    def newest(self, task, label):
        """The folder of a task's newest artifact."""
        found = [path.parent for path in self.root.glob(f"{task}/{label}/*/manifest.json")]
        assert found, f"no {task} {label}"
        return max(found, key=lambda path: json.loads(read(path / "manifest.json"))["created"])

    def manifest(self, task, label):
        return self.json(task, label, "manifest.json")

    def json(self, task, label, name="payload.json"):
        return json.loads(self.text(task, label, name))

    def text(self, task, label, name):
        return read(self.newest(task, label) / name)

    def frame(self, task, label, name="payload.parquet"):
        return pd.read_parquet(self.newest(task, label) / name)

    def _built(self, run):
        before = set((self.root / "_runs").glob("*.jsonl"))
        done = run()
        assert done.returncode == 0, done.stdout + done.stderr
        records = [json.loads(line) for path in set((self.root / "_runs").glob("*.jsonl")) - before
                   for line in read(path).splitlines() if line]  # fmt: skip
        return [f"{one['task']} {one['label']}" for one in records if one["outcome"] == "built"]

    def python(self, *arguments):
        """Python in the folder; the finished process, with what it printed."""
        inherited = {key: value for key, value in os.environ.items() if key != "LUIGI_CONFIG_PATH"}
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=inherited | ENVIRONMENT,
            text=True, timeout=900, capture_output=True,
        )  # fmt: skip


def read(path):
    return path.read_text(encoding="utf-8")


def candidates(family, day, shards):
    """The tasks that find whom to score, for `Deployment.build_all`."""
    return [("tasks.examples", "BuildCandidates", {"family": family, "day": day, "shard": shard})
            for shard in range(shards)]  # fmt: skip
