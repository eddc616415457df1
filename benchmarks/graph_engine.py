"""The graph as tasks of the engine: the same work, each artifact a JSON payload."""

import functools

import luigi

from benchmarks.layers import WIDTH, combine, layers, needed
from tasks.engine import ArtifactTask

_changes: dict[tuple[int, int], dict[str, int]] = {}


class Node(ArtifactTask):
    """One task."""

    layer = luigi.IntParameter()
    place = luigi.IntParameter()

    def requires(self):
        return {"parts": [Node(layer, place) for layer, place in needed(self.layer, self.place)]}

    def recipe(self):
        changed = _changes.get((self.layer, self.place), {})
        return functools.partial(combine, place=self.place, **changed)


class Last(ArtifactTask):
    """A root whose artifact stands for the whole graph."""

    tasks = luigi.IntParameter()

    def requires(self):
        return {"parts": [Node(layers(self.tasks) - 1, place) for place in range(WIDTH)]}

    def recipe(self):
        return functools.partial(combine, place=0)


class Every(luigi.WrapperTask):
    """A root that asks every task of the graph."""

    tasks = luigi.IntParameter()

    def requires(self):
        nodes = [Node(layer, place)
                 for layer in range(layers(self.tasks)) for place in range(WIDTH)]
        return [*nodes, Last(self.tasks)]


def change(layer: int, place: int, **values: int) -> None:
    """Bind further values in one task of the graph."""
    _changes[layer, place] = values
