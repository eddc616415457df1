"""Luigi's scheduler in one process, without going through all tasks at every question.

Luigi's own looks at every task several times whenever its worker asks for work: the cost of a run
grows with the square of its tasks, and at 5,000 it is nearly all there is. `LeanScheduler` is
Luigi's `Scheduler` with its records, statuses, retries, priorities and resources; only how the
next task is found is another (`tasks.engine.lean_index`). It gives the same answers. Where a
graph needs what the index does not know (batches, assistants, further workers, a pause), it goes
on as Luigi's own from then on.
"""

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from luigi import scheduler
from luigi.interface import _WorkerSchedulerFactory
from luigi.task_status import PENDING, RUNNING
from luigi.worker import Worker

from tasks.engine.lean_index import Index
from tasks.engine.lean_ready import rank
from tasks.engine.lean_worker import LeanWorker

logger = logging.getLogger(__name__)


class LeanFactory(_WorkerSchedulerFactory):
    """Luigi's factory, but for the scheduler in the process itself and its worker."""

    def create_local_scheduler(self) -> scheduler.Scheduler:
        """A scheduler for one run, in this process."""
        return LeanScheduler(prune_on_get_work=True, record_task_history=False)

    def create_worker(self, scheduler: Any, worker_processes: int, assistant: bool = False) -> Any:
        """Luigi's worker for a central scheduler; else one that forks less often."""
        kind = LeanWorker if isinstance(scheduler, LeanScheduler) else Worker
        return kind(scheduler=scheduler, worker_processes=worker_processes, assistant=assistant)


class LeanTask(scheduler.Task):
    """Luigi's record of a task in a fraction of its memory: its attributes are slots."""

    __slots__ = tuple(vars(scheduler.Task("", PENDING, ())))


class LeanState(scheduler.SimpleTaskState):
    """Luigi's records of tasks; tells an index of every change of a status."""

    changed: Callable[[Any, str], None] | None = None

    def set_status(self, task: Any, new_status: str, config: Any = None) -> None:
        """As Luigi's."""
        before = task.status
        super().set_status(task, new_status, config)
        if task.status != before and self.changed is not None:
            self.changed(task, before)


class LeanScheduler(scheduler.Scheduler):
    """Answers one worker as Luigi's `Scheduler` does, in the time a heap takes.

    It differs in one thing: a worker that has not been heard of for a minute (its machine slept,
    or a library did not let its other thread speak) has not left, for it is this process.
    """

    def __init__(self, **options: Any):
        super().__init__(**options)
        config, collector = self._config, self._state._metrics_collector
        self._make_task = functools.partial(  # type: ignore[assignment]
            LeanTask, **self._make_task.keywords)
        self._state: LeanState = LeanState(config.state_path)
        self._state._metrics_collector = collector
        self._index: Index | None = Index(
            self._state._tasks, config.retry_delay, config.disable_persist)
        self._state.changed = self._index.changed

    def add_task(self, *args: Any, **facts: Any) -> None:
        """As Luigi's."""
        super().add_task(*args, **facts)
        task = self._state.get_task(args[0] if args else facts.get("task_id"))
        if task is not None and self._index is not None:
            self._index.look(task)

    def get_work(
        self, host: str | None = None, assistant: bool = False,
        current_tasks: list[str] | None = None, worker: str = "", **others: Any,
    ) -> dict[str, Any]:
        """As Luigi's."""
        if assistant or self._state._active_workers.keys() - {worker}:
            self._leave("several workers")
        if self._index is None:
            return super().get_work(host, assistant, current_tasks, worker, **others)
        for task in self._index.due(time.time()):
            self._state.update_status(task, self._config)
        asking = self._update_worker(worker, {"host": host}, get_work=True)
        task = self._lost(current_tasks) or self._best(asking)
        reply = self.count_pending(worker)
        return {**reply, **self._begin(task, worker, host)} if task else {**reply, "task_id": None}

    def count_pending(self, worker: str) -> dict[str, Any]:
        """As Luigi's."""
        if self._index is None:
            return super().count_pending(worker)
        asking, pending = self._state.get_worker(worker), self._index.pending()
        running = [
            {"task_id": task.id, "worker": worker, **asking.info} for task in self._running()
        ]
        return {
            "n_pending_tasks": pending, "n_unique_pending": pending,
            "n_pending_last_scheduled": pending, "worker_state": asking.state,
            "running_tasks": running,
        }

    def add_task_batcher(self, *args: Any, **facts: Any) -> None:
        """As Luigi's."""
        self._leave("batches")
        super().add_task_batcher(*args, **facts)

    def disable_worker(self, worker: str) -> None:
        """As Luigi's."""
        self._leave("a disabled worker")
        super().disable_worker(worker)

    def pause(self) -> None:
        """As Luigi's."""
        self._leave("a pause")
        super().pause()

    def prune(self) -> None:
        """As Luigi's."""
        self._leave("looks at the graph from outside")
        super().prune()

    def _leave(self, what: str) -> None:
        """Go on as Luigi's own scheduler, whose records these are."""
        if self._index is not None:
            logger.info("Luigi's own scheduler goes on, for the sake of %s", what)
            self._index = self._state.changed = None

    def _update_priority(self, task: Any, prio: float, worker: str) -> None:
        before = task.priority
        super()._update_priority(task, prio, worker)
        if task.priority != before and self._index is not None:
            self._index.look(task)

    def _running(self) -> list[Any]:
        return list(self._state.get_active_tasks_by_status(RUNNING))

    def _lost(self, current: list[str] | None) -> Any:
        """The best task that should be running and that the worker does not know of."""
        if current is None:
            return None
        lost = [task for task in self._running() if task.id not in current]
        return min(lost, key=rank, default=None)

    def _best(self, worker: Any) -> Any:
        assert self._index is not None
        return self._index.ready.best(
            self._running(), worker.info.get("workers", 1), self._used_resources(),
            self._has_resources)

    def _begin(self, task: Any, worker: str, host: str | None) -> dict[str, Any]:
        """Enter that a task runs; what Luigi's worker is told of it."""
        self.update_metrics_task_started(task)
        self._state.set_status(task, RUNNING, self._config)
        task.worker_running = worker
        task.resources_running = task.resources.copy()
        task.time_running = time.time()
        self._update_task_history(task, RUNNING, host=host)
        return {"task_id": task.id, "task_family": task.family, "task_module": task.module,
                "task_params": task.params}
