"""Run a recipe in a fresh process of its own.

OpenMP libraries (LightGBM, scikit-learn) deadlock in a process forked from one that used
them, and some of their failures abort the process. A fresh process also gives an exact peak
of memory, and dies with us. It receives no data: it makes the same task again from its
parameters, loads the inputs from the store and writes into the staging folder.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.engine.errors import IsolatedFailure, RecipeError
from tasks.engine.settings import Settings

if TYPE_CHECKING:
    from tasks.engine.artifact import ArtifactTask

_PROGRAM = "import sys; from tasks.engine.isolated import main; main(*sys.argv[1:])"
_RESULT = "\x1eresult "
_PROGRESS = "\x1eprogress "
_EXITS = {
    -signal.SIGKILL: "was killed (out of memory?)",
    -signal.SIGABRT: "aborted inside a compiled library",
    -signal.SIGSEGV: "crashed inside a compiled library",
    -signal.SIGTERM: "was asked to stop",
}


def produce(
    task: "ArtifactTask", stage: Path, key: str, settings: Settings
) -> tuple[str, int | None, str, int | None]:
    """Have another process fill a staging folder: codec, rows, summary, peak memory.

    Raises `IsolatedFailure` with the last lines it printed when it fails or takes too long.
    """
    if task.task_module == "__main__":
        raise RecipeError(
            f"{task.task_family} is isolated, but defined in a script; put it in a module that "
            "another process can import."
        )
    child = subprocess.Popen(
        _command(task, stage, key), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=_environment(),
        start_new_session=True,
    )
    timer = threading.Timer(settings.isolated_timeout_seconds, _stop, [child])
    timer.start()
    try:
        result, said = _listen(child, task)
    finally:
        timer.cancel()
        _stop(child)
    return _finish(child, result, said, task, settings)


def _command(task: "ArtifactTask", stage: Path, key: str) -> list[str]:
    return [sys.executable, "-c", _PROGRAM, task.task_module, task.task_family,
            json.dumps(task.to_str_params()), str(stage), key, str(os.getpid())]


def _environment() -> dict[str, str]:
    """Ours, with our import path, and OpenMP threads that wait without burning a core."""
    path = os.pathsep.join(filter(None, sys.path))
    return {"OMP_WAIT_POLICY": "passive", **os.environ, "PYTHONPATH": path}


def _listen(child: "subprocess.Popen[str]", task: "ArtifactTask") -> tuple[Any, list[str]]:
    """Pass progress on as it comes; keep the last lines of what was printed."""
    said: list[str] = []
    errors = threading.Thread(target=lambda: said.extend(child.stderr or []), daemon=True)
    errors.start()
    result = None
    for line in child.stdout or []:
        if line.startswith(_PROGRESS):
            task.tell(*json.loads(line[len(_PROGRESS):]))
        elif line.startswith(_RESULT):
            result = json.loads(line[len(_RESULT):])
        else:
            said.append(line)
    child.wait()
    errors.join(timeout=5)
    return result, said


def _finish(
    child: "subprocess.Popen[str]", result: Any, said: list[str], task: "ArtifactTask",
    settings: Settings,
) -> tuple[str, int | None, str, int | None]:
    if child.returncode == 0 and result is not None:
        return tuple(result)  # type: ignore[return-value]
    ending = _EXITS.get(child.returncode, f"ended with exit code {child.returncode}")
    last = "".join(said[-30:]).strip()
    raise IsolatedFailure(
        f"the process of {task.task_family} {ending} "
        f"(its limit is {settings.isolated_timeout_seconds:,.0f} s). It said:\n{last}"
    )


def _stop(child: "subprocess.Popen[str]") -> None:
    """End the process and everything it started."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)


def main(module: str, family: str, parameters: str, stage: str, key: str, parent: str) -> None:
    """The other process: make the task again, check its key, run its recipe into ``stage``."""
    from luigi.task_register import load_task

    from tasks.engine import building, codec
    from tasks.engine.progress import told_to
    from tasks.engine.walk import Walk, key_of, workshop

    _die_with(int(parent))
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
    _say(_RESULT, [kind, codec.rows_of(value), task.summary(value), building.peak_memory()])


def _say(kind: str, what: Any) -> None:
    sys.stdout.write(f"{kind}{json.dumps(what)}\n")
    sys.stdout.flush()


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent dies (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("the process that asked for this work is gone")

