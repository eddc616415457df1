"""Run a recipe in a process of its own.

OpenMP libraries (LightGBM, scikit-learn) deadlock in a process forked from one that used
them, and some of their failures abort the process. So each recipe gets a child of the nursery,
which has imported them and never used them. A process of its own also gives an exact peak of
memory, and dies with us. It receives no data: it makes the same task again from its
parameters, loads the inputs from the store and writes into the staging folder.
"""

import json
import logging
import os
import resource
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Any

from tasks.engine.errors import IsolatedFailure, RecipeError
from tasks.engine.nursery import Child, Nursery
from tasks.engine.settings import Settings

if TYPE_CHECKING:
    from tasks.engine.artifact import ArtifactTask

logger = logging.getLogger(__name__)

_nurseries: dict[tuple[str, ...], Nursery] = {}
_PROGRAM = "import sys; from tasks.engine.isolated import main; main(*sys.argv[1:])"
_LINES = 30
_RESULT = "\x1eresult "
_PROGRESS = "\x1eprogress "
_ENDINGS: dict[int | None, str] = {
    None: "was lost: the process it was forked from is gone",
    -signal.SIGKILL: "was killed (out of memory?)",
    -signal.SIGABRT: "aborted inside a compiled library",
    -signal.SIGSEGV: "crashed inside a compiled library",
    -signal.SIGTERM: "was asked to stop",
}


def produce(
    task: "ArtifactTask", stage: Path, key: str, settings: Settings
) -> tuple[str, int | None, tuple[str, dict[str, str | float]], int | None]:
    """Have another process fill a staging folder: codec, rows, what is said of it, peak memory.

    Raises `IsolatedFailure` with the last lines it printed when it fails or takes too long.
    """
    if task.task_module == "__main__":
        raise RecipeError(
            f"{task.task_family} is isolated, but defined in a script; put it in a module that "
            "another process can import."
        )
    child = _child(task, stage, key, settings)
    limit, is_late = settings.isolated_timeout_seconds, threading.Event()
    ending_it = threading.Thread(target=_end, args=(child, limit, is_late), daemon=True)
    ending_it.start()
    try:
        result, said = _listen(child, task)
    finally:
        child.end()
        ending_it.join()
        child.close()
    if child.returncode == 0 and result is not None:
        return tuple(result)  # type: ignore[return-value]
    ending = _ENDINGS.get(child.returncode, f"ended with exit code {child.returncode}")
    if is_late.is_set():
        ending = f"ran longer than its limit of {limit:,.0f} s ([engine] isolated_timeout_seconds)"
    raise IsolatedFailure(
        f"the process of {task.task_family} {ending}. It said:\n{''.join(said).strip()}"
    )


def warm(settings: Settings) -> Nursery:
    """The nursery. It is started before forking, so that every worker shares it."""
    modules = settings.isolated_preload
    if modules not in _nurseries:
        _nurseries[modules] = Nursery(modules, _environment())
    return _nurseries[modules]


def _child(task: "ArtifactTask", stage: Path, key: str, settings: Settings) -> Child:
    arguments = [task.task_module, task.task_family, json.dumps(task.to_str_params()),
                 str(stage), key]
    try:
        return warm(settings).child(_PROGRAM, arguments, _environment())
    except OSError as error:
        logger.warning("the process that isolated recipes are forked from is gone (%s); "
                       "starting another", error)
        del _nurseries[settings.isolated_preload]
        return warm(settings).child(_PROGRAM, arguments, _environment())


def _environment() -> dict[str, str]:
    """Ours, with our import path, and OpenMP threads that wait without burning a core."""
    path = os.pathsep.join(filter(None, sys.path))
    return {"OMP_WAIT_POLICY": "passive", **os.environ, "PYTHONPATH": path}


def _listen(child: Child, task: "ArtifactTask") -> tuple[Any, Iterable[str]]:
    """Pass progress on as it comes; keep the last lines of what was printed."""
    said: deque[str] = deque(maxlen=_LINES)
    errors = threading.Thread(target=lambda: said.extend(child.stderr), daemon=True)
    errors.start()
    result = None
    for line in child.stdout:
        # The recipe may have printed something without ending its line.
        printed, kind, what = line.partition(_PROGRESS if _PROGRESS in line else _RESULT)
        if printed:
            said.append(printed)
        if kind == _PROGRESS:
            task.tell(*json.loads(what))
        elif kind:
            result = json.loads(what)
    child.wait()
    errors.join(timeout=5)
    return result, list(said)


def _end(child: Child, limit: float, is_late: threading.Event) -> None:
    """Wait for the process, then end what it started, which may hold its output open."""
    try:
        child.wait(timeout=limit)
    except TimeoutExpired:
        is_late.set()
    child.end()


def main(module: str, family: str, parameters: str, stage: str, key: str) -> None:
    """The other process: make the task again, check its key, run its recipe into ``stage``."""
    from luigi.task_register import load_task

    from tasks.engine import building, codec
    from tasks.engine.progress import told_to
    from tasks.engine.walk import Walk, key_of
    from tasks.engine.workshop import workshop

    task: Any = load_task(module, family, json.loads(parameters))
    walk = Walk(workshop())
    walk.state(task)
    digests = walk.input_digests(task)
    if digests is None or key_of(walk.recipe(task), digests) != key:
        raise RecipeError(
            f"{family}: the code or an input changed between planning and running; run again."
        )
    with told_to(lambda text, percent: _say(_PROGRESS, [text, percent])):
        value = building.call(task, walk, Path(stage))
    kind = codec.write(value, Path(stage))
    said = building.said_of(task, value)
    _say(_RESULT, [kind, codec.rows_of(value), said, peak_memory()])


def peak_memory() -> int:
    """Peak resident memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _say(kind: str, what: Any) -> None:
    sys.stdout.write(f"{kind}{json.dumps(what)}\n")
    sys.stdout.flush()
