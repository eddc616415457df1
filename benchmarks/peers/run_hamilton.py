"""The graph with Hamilton: functions as nodes, results cached by the hashes of code and data."""

from hamilton import ad_hoc_utils, driver
from hamilton.function_modifiers import group, parameterize, source, value

from benchmarks import layers
from benchmarks.layers import WIDTH, needed, twist_of
from benchmarks.peers.asked import asked


def graph(tasks: int) -> list:
    """Two functions that stand for all nodes: those with inputs, and those of the first layer.

    What changes is an input of the graph: a literal changed by ``value`` goes unnoticed.
    """
    below, first = {}, {}
    for layer in range(layers.layers(tasks)):
        for place in range(WIDTH):
            changes = twist_of(layer, place, tasks, 1)
            own = {"place": value(place), "twist": source("twist") if changes else value(0)}
            parts = [source(f"n_{at}_{one}") for at, one in needed(layer, place)]
            (below if parts else first)[f"n_{layer}_{place}"] = (
                {"parts": group(*parts), **own} if parts else own)
    ends = [source(f"n_{layers.layers(tasks) - 1}_{place}") for place in range(WIDTH)]
    below["last"] = {"parts": group(*ends), "place": value(0), "twist": value(0)}

    @parameterize(**below)
    def node(parts: list[int], place: int, twist: int) -> int:
        return layers.combine(parts, place, twist)

    @parameterize(**first)
    def start(place: int, twist: int) -> int:
        return layers.combine([], place, twist)

    return [node, start]


if __name__ == "__main__":
    size, twist = asked()
    module = ad_hoc_utils.create_temporary_module(*graph(size), module_name="graph")
    built = driver.Builder().with_modules(module).with_cache(path="cache").build()
    print(built.execute(["last"], inputs={"twist": twist})["last"])
