"""Luigi's worker, whose processes run a few short tasks each instead of one.

With several workers Luigi forks a process for every task. For tasks of a millisecond the fork is
nearly all there is, and two workers are slower than one; and a new process has none of the frames
that the one before it read, of which the next task needs most. Here a process that was soon done
with its task is sent another, until it is old; a task that takes longer has had its process
nearly to itself, as ever. Tasks that have a time limit or accept messages (the isolated
ones) are not shared out this way.
"""

import itertools
import os
import time
from multiprocessing import Pipe
from typing import Any

from luigi.worker import TaskProcess, Worker, fork_lock

#: A process is sent another task when its last took no longer, in seconds.
QUICK = 1.0

#: Seconds after which a process is sent nothing more.
OLD = 60.0

#: How often a process that waits looks whether its worker is still there, in seconds.
_LOOK = 1.0


class Server(TaskProcess):
    """A process that runs one task and then those it is sent, all known when it was forked."""

    def __init__(self, first: TaskProcess, worker: "LeanWorker"):
        super().__init__(first.task, first.worker_id, first.result_queue, first.status_reporter,
                         use_multiprocessing=True)
        self._first, self._worker = first, worker
        self._ours, self._theirs = Pipe()
        self._begun = time.monotonic()
        self._parent = os.getpid()
        self.knows = worker.known()

    def run(self) -> None:
        """Run tasks until told to end, or until the worker is gone; in the child."""
        self._first.run()
        while (task_id := self._next()) is not None:
            self._worker._create_task_process(self._worker._scheduled_tasks[task_id]).run()

    @property
    def is_old(self) -> bool:
        """Whether it is to be sent nothing more."""
        return time.monotonic() - self._begun > OLD

    def send(self, task_id: str | None) -> bool:
        """Send it a task, or None to end; whether it could be told."""
        try:
            self._ours.send(task_id)
        except OSError:
            return False
        return self.is_alive()

    def _next(self) -> str | None:
        while not self._theirs.poll(_LOOK):
            if os.getppid() != self._parent:
                return None
        return self._theirs.recv()


class Errand:
    """A task and the process that runs it: what Luigi's worker asks of a `TaskProcess`."""

    use_multiprocessing = True

    def __init__(self, process: TaskProcess, server: Server):
        self.task, self.status_reporter = process.task, process.status_reporter
        self.timeout_time, self.worker_timeout = process.timeout_time, process.worker_timeout
        self.server, self.begun = server, time.monotonic()
        self.is_alive, self.terminate = server.is_alive, server.terminate

    @property
    def exitcode(self) -> int | None:
        """How its process ended, if it did."""
        return self.server.exitcode

    @property
    def was_quick(self) -> bool:
        """Whether the task, which has just ended, took no time."""
        return time.monotonic() - self.begun < QUICK


class LeanWorker(Worker):
    """Luigi's worker, but for the processes of short tasks."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self._idle: list[Server] = []
        self._numbers: dict[str, int] = {}

    def known(self) -> int:
        """How many tasks are known; a process forked now has them all."""
        new = itertools.islice(self._scheduled_tasks, len(self._numbers), None)
        for task_id in list(new):
            self._numbers[task_id] = len(self._numbers)
        return len(self._numbers)

    def __exit__(self, *raised: Any) -> Any:
        for server in self._idle:
            server.send(None)
        for server in self._idle:
            server.join()
        return super().__exit__(*raised)

    def _run_task(self, task_id: str) -> None:
        process = None
        if self.worker_processes > 1 and task_id not in self._running_tasks:
            process = self._create_task_process(self._scheduled_tasks[task_id])
        if process is None or process.timeout_time or process.task.accepts_messages:
            super()._run_task(task_id)
            return
        server = self._sent(task_id)
        if server is None:
            server = Server(process, self)
            with fork_lock:
                server.start()
        self._running_tasks[task_id] = Errand(process, server)

    def _sent(self, task_id: str) -> Server | None:
        """A process that was idle, and has been sent a task it knows."""
        self.known()
        while self._idle:
            server = self._idle.pop()
            if server.knows > self._numbers[task_id] and server.send(task_id):
                return server
            server.send(None)
        return None

    def _handle_next_task(self) -> None:
        before = dict(self._running_tasks)
        super()._handle_next_task()
        for task_id, errand in before.items():
            if task_id not in self._running_tasks and isinstance(errand, Errand):
                if errand.was_quick and not errand.server.is_old and errand.is_alive():
                    self._idle.append(errand.server)
                else:
                    errand.server.send(None)
