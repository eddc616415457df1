"""An orchard whose nights are built, changed and cleaned: small tasks, with all kinds of inputs."""

import functools
import json
from pathlib import Path

import luigi

from tasks.engine import ArtifactTask, EffectTask, SourceTask
from tasks.engine.building import make
from tasks.engine.explain import graph
from tasks.engine.walk import Walk, is_artifact
from tasks.engine.workshop import workshop

PLOTS = 2
#: The "code" of each task: a number that its recipe binds.
CODE = {"Grow": 0, "Pick": 0}


class Seeds(SourceTask):
    plot = luigi.IntParameter()

    def path(self):
        return f"seeds-{self.plot}.json"


class Grow(ArtifactTask):
    plot = luigi.IntParameter()
    day = luigi.IntParameter()

    def requires(self):
        return {"seeds": Seeds(plot=self.plot)}

    def recipe(self):
        return functools.partial(grow, code=CODE["Grow"], day=self.day)


class PickedBefore(SourceTask):
    """What the day before left in the store; in no manifest by its key."""

    day = luigi.IntParameter()

    def path(self):
        store = workshop().store
        newest = store.newest("Pick", str(self.day - 1))
        absent = workshop().settings.root / "nothing before"
        return str(store.folder(newest.address) / "payload.json" if newest else absent)


class Pick(ArtifactTask):
    day = luigi.IntParameter()

    def requires(self):
        before = PickedBefore(day=self.day)
        grown = [Grow(plot=plot, day=self.day) for plot in range(PLOTS)]
        return {"grown": grown} | ({"before": before} if before.complete() else {})

    def recipe(self):
        return functools.partial(pick, code=CODE["Pick"])


class Price(ArtifactTask):
    day = luigi.IntParameter()

    def requires(self):
        return {"picked": Pick(day=self.day)}

    def recipe(self):
        return price


class Sell(EffectTask):
    """An effect; its receipt is kept for ever, and what was sold with it."""

    day = luigi.IntParameter()

    def requires(self):
        return {"priced": Price(day=self.day)}

    def recipe(self):
        return sell


def grow(seeds, code, day):
    return {"kilos": json.loads(seeds.read_text())["kilos"] + code, "code": code, "day": day}


def pick(grown, before=None, *, code):
    kept = json.loads(before.read_text())["kilos"] if before else 0
    return {"kilos": sum(one["kilos"] for one in grown) + code, "kept": kept, "code": code}


def price(picked):
    return {"price": 2 * picked["kilos"]}


def sell(priced):
    return {"sold": priced["price"]}


def sow(plot, kilos):
    """Write a source."""
    Path(f"seeds-{plot}.json").write_text(json.dumps({"kilos": kilos}))


def build(day):
    """Build a night as a run does, without the cost of Luigi's scheduler; what was built."""
    walk, built = Walk(workshop()), []
    for task in graph(Sell(day=day)):
        if is_artifact(task) and walk.again(task).entry is None:
            make(task, walk)
            built.append(f"{task.task_family} {task.label()}")
    return built


def truth(day):
    """What a night should have picked, computed without the engine."""
    seeds = [json.loads(Path(f"seeds-{plot}.json").read_text())["kilos"] for plot in range(PLOTS)]
    return sum(seed + CODE["Grow"] for seed in seeds) + CODE["Pick"]
