"""The graph as tasks of plain Luigi: one JSON file each."""

import json

import luigi

from benchmarks.layers import WIDTH, combine, layers, needed


def read(target):
    """The value of one file."""
    with target.open() as text:
        return json.load(text)


class Node(luigi.Task):
    """One task, and where its file is: in the present folder."""

    layer = luigi.IntParameter()
    place = luigi.IntParameter()

    def requires(self):
        return [Node(layer, place) for layer, place in needed(self.layer, self.place)]

    def output(self):
        return luigi.LocalTarget(f"plain/{self.layer}/{self.place}.json")

    def run(self):
        parts = list(map(read, self.input()))
        with self.output().open("w") as text:
            json.dump(combine(parts, self.place), text)


class Last(luigi.Task):
    """A root whose file stands for the whole graph."""

    tasks = luigi.IntParameter()

    def requires(self):
        return [Node(layers(self.tasks) - 1, place) for place in range(WIDTH)]

    def output(self):
        return luigi.LocalTarget("plain/last.json")

    def run(self):
        parts = list(map(read, self.input()))
        with self.output().open("w") as text:
            json.dump(combine(parts, 0), text)


class Every(luigi.WrapperTask):
    """A root that asks every task of the graph."""

    tasks = luigi.IntParameter()

    def requires(self):
        nodes = [Node(layer, place)
                 for layer in range(layers(self.tasks)) for place in range(WIDTH)]
        return [*nodes, Last(self.tasks)]
