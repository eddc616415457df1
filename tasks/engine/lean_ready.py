"""The tasks that could run now, best first, and the choice among them that Luigi makes.

Luigi goes through all tasks, best first, at every question. Here those whose inputs are there
wait in heaps, one for each set of resources that tasks need, so that a task which lacks a
resource stands for all behind it that need the same.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: Lower is better: minus the priority, when the task was first heard of, its id.
Rank = tuple[float, float, str]

#: The resources a task needs, with amounts.
Needs = tuple[tuple[str, int], ...]

#: Whether an amount of resources is left beside what is taken.
Fits = Callable[[Mapping[str, int], Mapping[str, int]], bool]


class Ready:
    """Tasks of one worker that wait for nothing but their turn and their resources."""

    def __init__(self) -> None:
        self._heaps: dict[Needs, list[tuple[Rank, Any]]] = {}
        self._valid: dict[str, tuple[Rank, Needs]] = {}

    def put(self, task: Any) -> None:
        """A task can run; or its priority or its needs have changed."""
        place = rank(task), _needs(task)
        if self._valid.get(task.id) != place:
            self._valid[task.id] = place
            heapq.heappush(self._heaps.setdefault(place[1], []), (place[0], task))

    def drop(self, task: Any) -> None:
        """A task cannot run any more; it is taken out of its heap when it comes to its top."""
        self._valid.pop(task.id, None)

    def best(self, running: Iterable[Any], slots: int, used: Mapping[str, int], fits: Fits) -> Any:
        """The task Luigi would run next, or None.

        As Luigi does, what is ``running`` and what waits in vain for a resource in ``used`` takes
        one of the worker's ``slots`` and reserves its resources, in order of rank: whatever ranks
        below may not take them, lest it starve the better one.
        """
        taken = Counter[str]()
        seen: list[tuple[Needs, tuple[Rank, Any]]] = []
        queue: list[tuple[Rank, Any, Needs | None]] = [(rank(one), one, None) for one in running]
        queue += [head for needs in list(self._heaps) if (head := self._pop(needs, seen))]
        heapq.heapify(queue)
        found = None
        while queue and found is None:
            _, task, needs = heapq.heappop(queue)
            if needs is None:
                slots -= 1
                taken.update(task.resources_running)
            elif not fits(task.resources, taken):
                continue  # nor would any other that needs the same
            elif fits(task.resources, used):
                found = task
            elif slots > 0:
                slots -= 1
                taken.update(task.resources)
                if head := self._pop(needs, seen):
                    heapq.heappush(queue, head)
        for needs, entry in seen:
            heapq.heappush(self._heaps.setdefault(needs, []), entry)
        return found

    def _pop(self, needs: Needs, seen: list) -> tuple[Rank, Any, Needs] | None:
        """The best of a heap that is still valid, taken out and noted as seen."""
        heap = self._heaps[needs]
        while heap:
            entry = heapq.heappop(heap)
            if self._valid.get(entry[1].id) == (entry[0], needs):
                seen.append((needs, entry))
                return *entry, needs
        return None


def rank(task: Any) -> Rank:
    """What Luigi sorts by: priority, then who was first heard of."""
    return -task.priority, task.time, task.id


def _needs(task: Any) -> Needs:
    return tuple(sorted(task.resources.items())) if task.resources else ()
