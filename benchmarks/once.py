"""Runs the synthetic graph once, in this process: ``once.py plain|engine ROOT TASKS [...]``."""

import argparse
import importlib
import sys

import luigi

from benchmarks.layers import WIDTH, layers


def main() -> None:
    """Run a graph in the present folder; the exit code says whether Luigi was content."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["plain", "engine"])
    parser.add_argument("root", choices=["Last", "Every"])
    parser.add_argument("tasks", type=int)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--twist", type=int, default=0)
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--lean", action="store_true", help="not with Luigi's own scheduler")
    asked = parser.parse_args()
    if not layers(asked.tasks):
        parser.error(f"expected {WIDTH} tasks (one layer) or more; found {asked.tasks}")
    graph = importlib.import_module(f"benchmarks.graph_{asked.kind}")
    if asked.twist or asked.idle:
        graph.change(layers(asked.tasks) // 2, 0, twist=asked.twist, idle=asked.idle)
    root = getattr(graph, asked.root)(asked.tasks)
    sys.exit(not ran(asked, root))


def ran(asked: argparse.Namespace, root: luigi.Task) -> bool:
    """Run the root; what the way it was asked for says of its success."""
    options = {"local_scheduler": True, "log_level": "WARNING", "workers": asked.workers}
    if asked.kind == "engine":
        from tasks.engine import build  # plain Luigi does not pay for it

        return build([root], **options).succeeded
    if asked.lean:
        from tasks.engine.lean_scheduler import LeanFactory

        options["worker_scheduler_factory"] = LeanFactory()
    return luigi.build([root], **options)


if __name__ == "__main__":
    main()
