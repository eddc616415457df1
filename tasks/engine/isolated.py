"""Run a recipe in a process of its own, or in several that find each other, here or on Spark.

OpenMP libraries (LightGBM, scikit-learn) deadlock in a process forked from one that used
them, and some of their failures abort the process. So a recipe gets a process of the nursery's,
which has imported them and never used them: a new one, or one that has done another recipe of the
same run and kept nothing of it. It gives an exact peak of memory, and dies with us. It receives no
data: it makes the same task again from its parameters, loads the inputs from the store and writes
into the staging folder (`elsewhere`). On Spark a process of an executor does exactly that.
"""

import dataclasses
import json
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Any

from tasks.engine import runs, spark
from tasks.engine.elsewhere import PROGRESS, RESULT, TROUBLE, Made, Order, made_of, raised_there
from tasks.engine.errors import EngineError, IsolatedFailure, RecipeError
from tasks.engine.settings import Settings
from tasks.nursery import Child, Nursery

if TYPE_CHECKING:
    from tasks.engine.artifact import ArtifactTask
    from tasks.engine.walk import Walk

logger = logging.getLogger(__name__)

_nurseries: dict[tuple[str, ...], Nursery] = {}
_threads: dict[str, str] = {}
_PROGRAM = "import sys; from tasks.engine.elsewhere import main; main(*sys.argv[1:])"
_LINES = 30


def produce(
    task: "ArtifactTask", walk: "Walk", stage: Path, key: str, on_spark: bool = False
) -> Made:
    """Have other processes fill a staging folder; what is known of the result.

    Raises what the engine raised there, such as `StoreUnreachable`; `IsolatedFailure` with the
    last lines of the first that failed otherwise, or took too long.
    """
    if task.task_module == "__main__":
        raise RecipeError(
            f"{task.task_family} is isolated, but defined in a script; put it in a module that "
            "another process can import."
        )
    settings = walk.workshop.settings
    order = Order(task.task_module, task.task_family, task.label(), task.to_str_params(),
                  str(stage), key, walk.known_inputs(task), task.ranks)  # fmt: skip
    with _children(order, settings, on_spark) as children:
        attended = _Attended(children, settings.isolated_timeout_seconds)
        result = attended.listen(task)
    if attended.failed is None and result is not None:
        return made_of(result)
    failure = IsolatedFailure(attended.trouble(task.task_family))
    if (error := attended.errors.get(attended.failed)) is not None:
        raise error from failure
    raise failure


def prepare(task: "ArtifactTask", settings: Settings) -> bool:
    """Start what will run a task's recipe, if that is no process of Luigi's; whether it is not.

    Before forking, so that every worker shares it.
    """
    if settings.runs_on == "spark" and task.code_matters:
        spark.warm(environment())
    elif task.isolated or task.ranks > 1:
        warm(settings).learn(task.preload)
    else:
        return False
    return True


def warm(settings: Settings) -> Nursery:
    """The nursery. It is started before forking, so that every worker shares it."""
    modules = settings.isolated_preload
    if modules not in _nurseries:
        _nurseries[modules] = Nursery(modules, environment())
    return _nurseries[modules]


def share_cores(workers: int) -> None:
    """Let each of so many workers use its part of the cores, not all of them.

    It never changes a result. ``OMP_NUM_THREADS`` in the environment comes before it.
    """
    able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    _threads["OMP_NUM_THREADS"] = str(max(1, (able or 1) // max(1, workers)))


def environment() -> dict[str, str]:
    """Ours, with our import path, and OpenMP threads that wait without burning a core."""
    path = os.pathsep.join(filter(None, sys.path))
    return {"OMP_WAIT_POLICY": "passive", **_threads, **os.environ, "PYTHONPATH": path}


@contextmanager
def _children(order: Order, settings: Settings, on_spark: bool) -> Iterator[list[Child]]:
    """The processes that work for a task; a Spark job counts as one."""
    if on_spark:
        yield [_asked(lambda: spark.job(order, environment()), spark.forget)]
        return
    company = runs.current() if order.ranks == 1 else ""  # a rank leaves its network behind
    # The name of a Unix socket may have a hundred characters: so not in the staging folder.
    meeting = tempfile.mkdtemp(prefix="ranks-") if order.ranks > 1 else ""
    children: list[Child] = []
    try:
        for rank in range(order.ranks):
            arguments = [json.dumps(dataclasses.asdict(order)), str(rank), meeting]
            children.append(_asked(
                lambda: warm(settings).child(_PROGRAM, arguments, environment(),  # noqa: B023
                                             company),
                lambda: _nurseries.pop(settings.isolated_preload)))
        yield children
    finally:
        if meeting:
            shutil.rmtree(meeting, ignore_errors=True)


def _asked(ask: Callable[[], Child], forget: Callable[[], Any]) -> Child:
    try:
        return ask()
    except OSError as error:
        logger.warning("the process that isolated recipes are forked from is gone (%s); "
                       "starting another", error)
        forget()
        return ask()


class _Attended:
    """Children that are listened to until all have ended; the first that fails ends the others."""

    def __init__(self, children: list[Child], limit: float):
        self.children, self.limit = children, limit
        self.failed: int | None = None
        self.errors: dict[int | None, EngineError] = {}
        self._is_late = threading.Event()
        self._said: list[deque[str]] = [deque(maxlen=_LINES) for _ in children]
        self._lock = threading.Lock()

    def listen(self, task: "ArtifactTask") -> Any:
        """Pass on what the first child tells, as it comes; its result."""
        threads = [threading.Thread(target=self._await, args=(one,), daemon=True)
                   for one in range(len(self.children))]  # fmt: skip
        threads += [threading.Thread(target=self._hear, args=(one, lambda *_: None), daemon=True)
                    for one in range(1, len(self.children))]  # fmt: skip
        for thread in threads:
            thread.start()
        try:
            result = self._hear(0, task.tell)
            for thread in threads[len(self.children):]:
                thread.join()
        finally:
            for child in self.children:
                child.end()
            for thread in threads:
                thread.join()
            for child in self.children:
                child.close()
        return result

    def trouble(self, family: str) -> str:
        """What became of the child that failed first, in words."""
        which = self.failed or 0
        child, said = self.children[which], "".join(self._said[which]).strip()
        rank = f"rank {which} of {len(self.children)} of " if len(self.children) > 1 else ""
        ending = child.endings.get(child.returncode, f"ended with exit code {child.returncode}")
        if self._is_late.is_set():
            ending = (f"ran longer than its limit of {self.limit:,.0f} s "
                      "([engine] isolated_timeout_seconds)")
        return f"{child.called} of {rank}{family} {ending}. It said:\n{said}"

    def _await(self, which: int) -> None:
        """Wait for one; if it fails, the others have nothing left to do."""
        child = self.children[which]
        try:
            child.wait(timeout=self.limit)
        except TimeoutExpired:
            self._is_late.set()
        with self._lock:
            has_failed = self._is_late.is_set() or child.returncode != 0
            if has_failed and self.failed is None:
                self.failed = which
        for one in self.children if has_failed else ():
            one.end()

    def _hear(self, which: int, tell: Callable[..., None]) -> Any:
        """Pass progress on as it comes; keep the last lines of what was printed."""
        child, said, result = self.children[which], self._said[which], None
        errors = threading.Thread(target=lambda: said.extend(child.stderr), daemon=True)
        errors.start()
        for line in child.stdout:
            # The recipe may have printed something without ending its line.
            mark = next((one for one in (PROGRESS, RESULT, TROUBLE) if one in line), RESULT)
            printed, kind, what = line.partition(mark)
            if printed:
                said.append(printed)
            if kind == PROGRESS:
                tell(*json.loads(what))
            elif kind == RESULT:
                result = json.loads(what)
            elif kind:
                self.errors[which] = raised_there(*json.loads(what))
        child.wait()
        errors.join(timeout=5)
        return result
