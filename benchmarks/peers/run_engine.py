"""The graph with this repository's engine; only the root is asked for, all is looked at."""

from benchmarks.graph_engine import Last, change
from benchmarks.layers import layers
from benchmarks.peers.asked import asked
from tasks.engine import build

if __name__ == "__main__":
    tasks, twist = asked()
    if twist:
        change(layers(tasks) // 2, 0, twist=twist)
    root = Last(tasks)
    if not build([root], log_level="WARNING").succeeded:
        raise SystemExit("the engine failed")
    print(root.output().load())
