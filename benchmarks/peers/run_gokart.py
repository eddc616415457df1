"""The graph with gokart: tasks in a workspace, named by parameters, code left out."""

import gokart
import luigi

from benchmarks.layers import WIDTH, combine, layers, needed, twist_of
from benchmarks.peers.asked import asked

TASKS, TWIST = asked()


class Node(gokart.TaskOnKart[int]):
    """One task; its name is made from its parameters and the names of its inputs."""

    layer: int = luigi.IntParameter()
    place: int = luigi.IntParameter()
    twist: int = luigi.IntParameter()

    def requires(self):
        return {str(number): node(*below)
                for number, below in enumerate(needed(self.layer, self.place))}

    def run(self):
        parts = [self.load(name) for name in self.requires()]
        self.dump(combine(parts, self.place, self.twist))


class Last(gokart.TaskOnKart[int]):
    """The root."""

    def requires(self):
        return {str(place): node(layers(TASKS) - 1, place) for place in range(WIDTH)}

    def run(self):
        self.dump(combine([self.load(name) for name in self.requires()], 0))


def node(layer: int, place: int) -> Node:
    """One task of the graph."""
    return Node(layer=layer, place=place, twist=twist_of(layer, place, TASKS, TWIST))


if __name__ == "__main__":
    print(gokart.build(Last(), log_level=30))
