"""Another process, with another hash seed, that makes the same world's files again.

It reads a line ``module name`` for each family, and answers with a line of digests as JSON.
"""

import atexit
import datetime as dt
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from conformance import small_world
from conformance.small_world import SmallWorld
from ml.family import Family

_RUNNING: dict[SmallWorld, subprocess.Popen] = {}


def digests(family: Family, world: SmallWorld) -> dict[str, str]:
    """The digests of the family's files as the other process makes them."""
    if world not in _RUNNING:
        _RUNNING[world] = _start(world)
    child = _RUNNING[world]
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(" ".join(_place(family)) + "\n")
    child.stdin.flush()
    return json.loads(child.stdout.readline() or "{}")


def _start(world: SmallWorld) -> subprocess.Popen:
    folder = tempfile.mkdtemp(prefix="setlist-conformance-")
    world.save(Path(folder))
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "4711",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    start = f"from {__name__} import main; main({folder!r}, {world.day.isoformat()!r})"
    command = [sys.executable, "-c", start]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    atexit.register(_end, child, folder)
    return child


def _end(child: subprocess.Popen, folder: str) -> None:
    import shutil

    child.communicate()
    shutil.rmtree(folder, ignore_errors=True)


def _place(family: Family) -> tuple[str, str]:
    """The module in which this very family is defined, and its name there."""
    for module, found in sorted(sys.modules.items()):
        for name, value in sorted(getattr(found, "__dict__", {}).items()):
            if value is family and module != "__main__":
                return module, name
    raise LookupError(f"family {family.name} is no module's constant; another process needs one")


def main(folder: str, day: str) -> None:
    """Answer lines of families with lines of digests, until there are no more."""
    from conformance.same_bytes import digests as here

    world = small_world.load(Path(folder), dt.date.fromisoformat(day))
    for line in sys.stdin:
        module, name = line.split()
        family = vars(importlib.import_module(module))[name]
        sys.stdout.write(json.dumps(here(family, world)) + "\n")
        sys.stdout.flush()
