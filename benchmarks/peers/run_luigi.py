"""The graph with plain Luigi, every output asked for. What a change makes stale is taken away."""

import json
from pathlib import Path

import luigi

from benchmarks import graph_plain
from benchmarks.layers import combine, layers, stale_after
from benchmarks.peers.asked import asked


def take_away(tasks: int) -> None:
    """Remove what one change makes stale."""
    for layer, place in stale_after(layers(tasks) // 2, 0, tasks):
        Path(f"plain/{layer}/{place}.json").unlink(missing_ok=True)
    Path("plain/last.json").unlink(missing_ok=True)


def change(changed: int, twist: int) -> None:
    """Let the first task of a layer come to something else."""
    run = graph_plain.Node.run

    def twisted(task: graph_plain.Node) -> None:
        if (task.layer, task.place) != (changed, 0):
            run(task)
            return
        parts = list(map(graph_plain.read, task.input()))
        with task.output().open("w") as text:
            json.dump(combine(parts, task.place, twist), text)

    graph_plain.Node.run = twisted


if __name__ == "__main__":
    tasks, twist = asked()
    if twist:
        take_away(tasks)
        change(layers(tasks) // 2, twist)
    root = graph_plain.Every(tasks)
    if not luigi.build([root], local_scheduler=True, log_level="WARNING"):
        raise SystemExit("Luigi failed")
    print(json.loads(Path("plain/last.json").read_text()))
