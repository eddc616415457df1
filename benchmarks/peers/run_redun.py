"""The graph with redun: calls remembered in SQLite by the hashes of code and arguments."""

from redun import Scheduler, task
from redun.config import Config

from benchmarks import layers
from benchmarks.layers import WIDTH, needed, twist_of
from benchmarks.peers.asked import asked

redun_namespace = "peers"

SETTINGS = {"backend": {"db_uri": "sqlite:///redun.db"},
            "executors.default": {"type": "local", "max_workers": "1", "mode": "thread"}}


@task()
def combine(parts: list[int], place: int, twist: int) -> int:
    """The work of one task."""
    return layers.combine(parts, place, twist)


@task()
def grow(tasks: int, twist: int, layer: int, below: list[int]) -> list[int]:
    """A layer and those above it; a call gets values, not a tower of calls to be hashed."""
    values = [
        combine([below[one] for _, one in needed(layer, place)], place,
                twist_of(layer, place, tasks, twist))
        for place in range(WIDTH)
    ]
    return values if layer + 1 == layers.layers(tasks) else grow(tasks, twist, layer + 1, values)


@task()
def last(tasks: int, twist: int) -> int:
    """The whole graph."""
    return combine(grow(tasks, twist, 0, []), 0, 0)


if __name__ == "__main__":
    scheduler = Scheduler(config=Config(SETTINGS))
    scheduler.load()
    print(scheduler.run(last(*asked())))
