"""Luigi's own scheduler and the engine's, asked the same and compared at every answer.

`Play` is one worker at random: it adds a graph as Luigi's worker does (a task when it is known
what it needs, then its inputs), asks for work, and lets tasks succeed, fail, want further inputs
or be added again. Tasks are numbers, whose sets have the same order in every process.
"""

import random

from luigi.scheduler import Scheduler

from tasks.engine.lean_scheduler import LeanScheduler

WORKER = "worker"
STEPS = 150


class Twins:
    """Both schedulers; every call goes to both, and both must say the same."""

    def __init__(self, **options):
        options |= {"prune_on_get_work": True, "record_task_history": False}
        self.luigi, self.lean = Scheduler(**options), LeanScheduler(**options)

    def call(self, name, *args, **facts):
        """The answer of both."""
        theirs = getattr(self.luigi, name)(*args, **facts)
        ours = getattr(self.lean, name)(*args, **facts)
        assert ours == theirs, (name, args, facts)
        assert records(self.lean) == records(self.luigi), (name, args, facts)
        return ours


def records(scheduler):
    """What a scheduler knows of every task, but for times."""
    return {one.id: (one.status, one.priority, one.resources, sorted(one.deps),
                     list(one.workers), one.worker_running, len(one.failures))
            for one in scheduler._state.get_active_tasks()}


class Play:
    """One graph and one worker, drawn by a seed."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.tasks = self.draw.randint(1, 30)
        self.slots = self.draw.choice([1, 1, 2, 3, 4])
        self.is_crowded = self.slots > 2
        self.twins = Twins(
            resources={"isolated": 2, "publications": 1} | ({"disk": 3} if seed % 2 else {}),
            retry_delay=self.draw.choice([-1.0, -1.0, 0.0]),
            disable_persist=self.draw.choice([0, 86400, 86400]),
            stable_done_cooldown_secs=self.draw.choice([0, 10]),
        )
        self.needs = {number: self._inputs_of(number) for number in range(self.tasks)}
        self.fixed = {number: self._facts_of(number) for number in range(self.tasks)}
        self.running, self.order, self.known = [], [], set()

    def run(self):
        """Play until nothing is left, or long enough; returns the order of what was begun."""
        self.twins.call("add_worker", WORKER, [("workers", self.slots)])
        seen = set()
        for root in self.draw.sample(range(self.tasks), 1 + self.tasks // 2):
            if root not in seen:
                self.add(root, seen)
        for _ in range(STEPS):
            if self.draw.random() < 0.1:
                self.interfere()
            if not self.ask() and not self.running:
                break
            while self.running and (len(self.running) >= self.slots or self.draw.random() < 0.6):
                self.finish(self.running.pop(self.draw.randrange(len(self.running))))
        return self.order

    def add(self, number, seen):
        """Add a task and then all below it, as `luigi.worker.Worker.add` would."""
        seen.add(number)
        ways = {"due": 60, "done": 6, "missing": 2, "disabled": 1, "broken": 1}
        if number in self.known:
            # What Luigi counts as pending above a task that had inputs, and is unknown now,
            # depends on the order in which it looks.
            del ways["broken"]
        self.known.add(number)
        way = self.draw.choices(list(ways), list(ways.values()))[0]
        status = {"done": "DONE", "disabled": "DISABLED", "broken": "UNKNOWN"}.get(way, "PENDING")
        needs = self.needs[number] if way in ("due", "disabled") else None
        self.twins.call("add_task", worker=WORKER, task_id=number, status=status, deps=needs,
                        runnable=needs is not None, family="T", **self.fixed[number])
        for below in needs or ():
            if below not in seen:
                self.add(below, seen)

    def ask(self):
        """Ask for work; whether there was any."""
        known = list(self.running)
        if known and self.draw.random() < 0.03:
            known.pop()
        found = self.twins.call("get_work", host="host", worker=WORKER, current_tasks=known)
        task = found["task_id"]
        if task is not None and task not in self.running:
            self.running.append(task)
            self.order.append(task)
        return task is not None

    def finish(self, task):
        """Let a running task end in one of the ways there are."""
        way = self.draw.choices(["DONE", "FAILED", "PENDING", "again"], [12, 3, 1, 1])[0]
        new = []
        if way == "PENDING":
            new = self._some(range(task), 2)
            for one in new:
                self.add(one, set())
        status = "FAILED" if way == "again" else way
        facts = {name: self.fixed[task][name] for name in ("resources", "retry_policy_dict")}
        self.twins.call("add_task", worker=WORKER, task_id=task, status=status, runnable=None,
                        new_deps=new, expl='""', family="T", **facts)
        if way == "again":
            self.add(task, set())

    def interfere(self):
        """What may come from outside, or from a running task, and is no reason to go on alone."""
        task = self.draw.randrange(self.tasks)
        what = self.draw.randrange(6)
        if what == 0:
            self.twins.call("mark_as_done", task)
        elif what == 1:
            self.twins.call("forgive_failures", task)
        elif what == 2:
            self.twins.call("update_resource", "isolated", self.draw.randrange(4))
        elif what == 3 and self.running:
            self.twins.call("decrease_running_task_resources", self.running[0], {"isolated": 1})
        elif what == 4:
            self.twins.call("count_pending", WORKER)
        else:
            self.twins.call("ping", worker=WORKER)

    def _inputs_of(self, number):
        most = [0, 0, 0, 1] if self.is_crowded else [0, 1, 2, 3, 5]
        return self._some(range(number), self.draw.choice(most))

    def _some(self, numbers, most):
        return self.draw.sample(list(numbers), min(len(numbers), self.draw.randint(0, most)))

    def _facts_of(self, number):
        resources = self.draw.choice([
            *([] if self.is_crowded else [{}, {}]), {}, {"isolated": 1}, {"isolated": 2},
            {"publications": 1}, {"isolated": 1, "publications": 1},
            {"isolated": 2, "publications": 1}, {"disk": 2}, {"isolated": 9},
        ])
        limits = {"retry_count": self.draw.choice([None, None, 1, 2]),
                  "disable_hard_timeout": None, "disable_window": None}
        return {"priority": self.draw.choice([0, 0, 0, 1, 5, -2, 0.5]), "resources": resources,
                "retry_policy_dict": limits, "params": {"number": number}}
