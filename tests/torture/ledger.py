"""A graph to torture: what each artifact should say can be told from the artifact itself."""

import functools
import json
import os
from pathlib import Path

import luigi

from tasks.engine import ArtifactTask, SourceTask

PARTS = 4


class Numbers(SourceTask):
    """Somebody's numbers, which change between runs."""

    part = luigi.IntParameter()

    def path(self):
        return f"data/numbers-{self.part}.json"


class Doubled(ArtifactTask):
    part = luigi.IntParameter()

    def requires(self):
        return {"numbers": Numbers(part=self.part)}

    def recipe(self):
        return functools.partial(double, part=self.part)


class Spread(ArtifactTask):
    """An artifact of several files, one of them of some size."""

    part = luigi.IntParameter()

    def requires(self):
        return {"doubled": Doubled(part=self.part)}

    def recipe(self):
        return spread


class Roll(ArtifactTask):
    """Another result each time it is made: two commits of one key would be two truths."""

    def requires(self):
        return {"doubled": Doubled(part=0)}

    def recipe(self):
        return roll


class Total(ArtifactTask):
    def requires(self):
        return {"spreads": [Spread(part=part) for part in range(PARTS)], "rolled": Roll()}

    def recipe(self):
        return total


def double(numbers, part):
    numbers = json.loads(numbers.read_text())
    return {"part": part, "numbers": numbers, "doubled": [2 * number for number in numbers]}


def spread(doubled):
    return {"sum.json": {"of": doubled, "sum": sum(doubled["doubled"])},
            "blob.bin": blob(doubled["doubled"])}  # fmt: skip


def blob(doubled):
    return json.dumps(doubled).encode() * 3000


def roll(doubled):
    return {"of": doubled, "roll": os.urandom(8).hex()}


def total(spreads, rolled):
    return {"sum": sum(one["sum.json"]["sum"] for one in spreads), "roll": rolled["roll"]}


def truth():
    """What the total's sum is now, computed without the engine."""
    files = [Path(f"data/numbers-{part}.json") for part in range(PARTS)]
    return sum(2 * number for file in files for number in json.loads(file.read_text()))


def is_consistent(task, value):
    """Whether an artifact says what its recipe would say of what it was made from."""
    if task == "Doubled":
        return value["doubled"] == [2 * number for number in value["numbers"]]
    if task == "Spread":
        doubled = value["sum.json"]["of"]["doubled"]
        return value["sum.json"]["sum"] == sum(doubled) and value["blob.bin"] == blob(doubled)
    return set(value) == ({"of", "roll"} if task == "Roll" else {"sum", "roll"})
