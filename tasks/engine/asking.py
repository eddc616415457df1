"""Who asks a task something, and which look at the graph answers."""

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager

import luigi
from luigi.worker import TaskProcess, Worker

from tasks.engine import runs
from tasks.engine.spark_settings import refuse_unready
from tasks.engine.walk import Walk
from tasks.engine.workshop import workshop

_walks: dict[str, Walk] = {}
_looking: list[Walk] = []


@contextmanager
def one_look() -> Iterator[None]:
    """Answer whatever is asked meanwhile, by anyone but a worker, from one look at the graph."""
    _looking.append(Walk(workshop()))
    try:
        yield
    finally:
        _looking.pop()


def walk_of_asker() -> tuple[Walk, luigi.Task | None]:
    """The walk of the Luigi worker that is asking, and the task that it is running already.

    Luigi gives a task no sign that a new build has begun, but a build has one worker, and
    the worker (or its task process) is on the stack of every question it asks. Asked by
    anyone else, the walk is a fresh one.
    """
    asker, running, forks = _asking_worker()
    if asker is None:
        return _looking[-1] if _looking else Walk(workshop()), None
    # A worker that serves a central scheduler works on one run after another.
    asked = f"{asker} {runs.current()}"
    if asked not in _walks:
        _walks.clear()
        refuse_unready(workshop().settings)
        _walks[asked] = Walk(workshop(), forks)
    return _walks[asked], running


def _asking_worker() -> tuple[str | None, luigi.Task | None, bool]:
    """The worker's name, the task it is running, and whether it will fork for each."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is _ADD:
            worker = frame.f_locals["self"]
            return str(worker._id), None, worker.worker_processes > 1
        if frame.f_code is _RUN:
            process = frame.f_locals["self"]
            return str(process.worker_id), process.task, False
        frame = frame.f_back
    return None, None, False


_ADD = Worker.add.__code__
_RUN = TaskProcess.run.__code__
