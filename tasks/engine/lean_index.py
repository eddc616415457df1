"""What is kept while a graph runs, so that no question to the scheduler goes through all tasks.

For each task: how many of its inputs are not done, who waits for it, whether it can run. Luigi's
own records stay the truth; this follows them.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from luigi.task_status import DISABLED, DONE, FAILED, PENDING

from tasks.engine.lean_ready import Ready


class Index:
    """Follows the ``tasks`` of a scheduler (Luigi's records by id) that serves one worker."""

    def __init__(self, tasks: Mapping[str, Any], retry_delay: float, disable_persist: float):
        self.ready = Ready()
        self._tasks = tasks
        self._retry_delay, self._disable_persist = retry_delay, disable_persist
        self._inputs: dict[str, frozenset[str]] = {}
        self._waiting: dict[str, int] = {}
        self._above = defaultdict[str, list[str]](list)
        self._open: set[str] = set()
        self._disabled: set[str] = set()
        self._hopeless: set[str] | None = set()
        self._due: list[tuple[float, str]] = []

    def look(self, task: Any) -> None:
        """A task was added, or added again: its inputs, needs or worker may be others."""
        if self._inputs.get(task.id, frozenset()) != task.deps:
            self._link(task)
        self._place(task)

    def changed(self, task: Any, before: str) -> None:
        """A task's status was another ``before``."""
        if DONE in (before, task.status):
            step = -1 if task.status == DONE else 1
            for above in self._above.get(task.id, ()):
                self._waiting[above] += step
                self._place(self._tasks[above])
        self._follow_disabled(task, before)
        self._await(task)
        self._place(task)

    def pending(self) -> int:
        """How many tasks are pending or failed and do not wait for a disabled one, in Luigi's
        sense: it takes a failed task for one that may be tried again."""
        if self._hopeless is None:
            self._hopeless = set()
            self._spread(self._disabled)
        return len(self._open) - len(self._hopeless)

    def due(self, now: float) -> Iterator[Any]:
        """Failed and disabled tasks whose time to be tried again has come."""
        while self._due and self._due[0][0] < now:
            task = self._tasks[heapq.heappop(self._due)[1]]
            if task.status in (FAILED, DISABLED):
                if self._when_due(task) < now:
                    yield task
                else:
                    self._await(task)

    def _link(self, task: Any) -> None:
        """Enter the inputs of a task, which had others or none."""
        before, after = self._inputs.get(task.id, frozenset()), frozenset(task.deps)
        for gone in before - after:
            self._above[gone].remove(task.id)
        for new in after - before:
            self._above[new].append(task.id)
        self._inputs[task.id] = after
        self._waiting[task.id] = sum(not self._is_done(one) for one in after)
        if self._disabled:
            self._hopeless = None

    def _place(self, task: Any) -> None:
        """Enter a task where its status and its inputs say."""
        enter = self._open.add if task.workers and task.status in (PENDING, FAILED) else (
            self._open.discard)
        enter(task.id)
        (self._disabled.add if task.status == DISABLED else self._disabled.discard)(task.id)
        if task.workers and task.status == PENDING and not self._waiting.get(task.id):
            self.ready.put(task)
        else:
            self.ready.drop(task)

    def _follow_disabled(self, task: Any, before: str) -> None:
        """Keep the set of what waits for a disabled task, or forget it."""
        if self._hopeless is None:
            return
        if task.status == DISABLED:
            self._hopeless.discard(task.id)
            self._spread([task.id])
        elif before == DISABLED or task.id in self._hopeless or (
            task.status == PENDING and self._disabled
        ):
            self._hopeless = None

    def _spread(self, disabled: Iterable[str]) -> None:
        """Every pending task above these has no hope."""
        assert self._hopeless is not None
        reached = list(disabled)
        while reached:
            for above in self._above.get(reached.pop(), ()):
                if above not in self._hopeless and self._tasks[above].status == PENDING:
                    self._hopeless.add(above)
                    reached.append(above)

    def _await(self, task: Any) -> None:
        """Note when a failed or disabled task is to be tried again, if ever."""
        if task.status in (FAILED, DISABLED) and (when := self._when_due(task)) < math.inf:
            heapq.heappush(self._due, (when, task.id))

    def _is_done(self, task_id: str) -> bool:
        task = self._tasks.get(task_id)
        return task is not None and task.status == DONE

    def _when_due(self, task: Any) -> float:
        if task.status == FAILED:
            return task.retry if self._retry_delay >= 0 else math.inf
        disabled_at = task.scheduler_disable_time
        return math.inf if disabled_at is None else disabled_at + self._disable_persist
