"""The engine's local scheduler: Luigi's answers, without going through all tasks each time."""

import os
import signal
import time
from pathlib import Path

import luigi
import pytest
from liveness import is_running
from luigi import configuration
from luigi.interface import _WorkerSchedulerFactory
from luigi.task_register import Register
from twin_schedulers import WORKER, Play, Twins

from tasks.engine.lean_scheduler import LeanFactory

QUIET = {"local_scheduler": True, "log_level": "CRITICAL", "detailed_summary": True}


@pytest.mark.parametrize("seeds", [range(part, 160, 8) for part in range(8)], ids=str)
def test_every_answer_is_the_one_that_luigi_s_own_scheduler_gives(seeds):
    begun = 0
    for seed in seeds:
        play = Play(seed)
        begun += len(play.run())
        assert play.twins.lean._index is not None, "it must not have given up"
    assert begun > 3 * len(seeds)


def begin(twins, worker=WORKER, **facts):
    """Add three tasks, the first of which needs the others, and ask for work."""
    for task, deps in (("1", None), ("2", None), ("0", ["1", "2"])):
        twins.call("add_task", worker=worker, task_id=task, status="PENDING", deps=deps,
                   family="T", params={"number": task}, batchable=True)
    return twins.call("get_work", worker=worker, host="host", current_tasks=[], **facts)["task_id"]


def finish(twins, task, worker=WORKER):
    twins.call("add_task", worker=worker, task_id=task, status="DONE", runnable=None, family="T")
    return twins.call("get_work", worker=worker, host="host", current_tasks=[])["task_id"]


@pytest.mark.parametrize("reason", ["batch", "worker", "assistant", "pause", "disable", "prune"])
def test_it_goes_on_as_luigi_s_own_in_the_middle_of_a_run_where_more_is_needed(reason):
    twins = Twins(retry_delay=0.0)
    assert begin(twins) == "1"
    if reason == "batch":
        twins.call("add_task_batcher", worker=WORKER, task_family="T", batched_args=["number"])
    elif reason == "worker":
        twins.call("add_worker", "another", [("workers", 1)])
    elif reason == "assistant":
        twins.call("get_work", worker="helper", host="host", assistant=True, current_tasks=[])
    elif reason == "disable":
        twins.call("disable_worker", WORKER)
    else:
        twins.call(reason)
    twins.call("get_work", worker=WORKER, host="host", current_tasks=["1"])
    twins.call("unpause")
    for task in ("1", "2", "0"):
        finish(twins, task)
    assert twins.lean._index is None
    done = [one.id for one in twins.lean._state.get_active_tasks() if one.status == "DONE"]
    assert sorted(done) == (
        {"assistant": ["0", "1"], "disable": ["1"]}.get(reason, ["0", "1", "2"]))


@pytest.mark.parametrize("slots, then", [(3, "plain"), (1, "wants one")])
def test_a_better_task_keeps_what_it_waits_for_while_the_worker_has_a_place_for_it(slots, then):
    twins = Twins(resources={"isolated": 2, "publications": 1})
    twins.call("add_worker", WORKER, [("workers", slots)])
    running = []
    for task, priority, needs in (
        ("best", 9, {}), ("publishes", 2, {"publications": 1}),
        ("wants all", 5, {"publications": 1, "isolated": 2}), ("wants one", 1, {"isolated": 1}),
        ("plain", 0, {}),
    ):
        twins.call("add_task", worker=WORKER, task_id=task, status="PENDING", priority=priority,
                   resources=needs, family="T")
        if task in ("best", "publishes"):
            running.append(task)
            twins.call("get_work", worker=WORKER, host="host", current_tasks=running[:-1])
    found = twins.call("get_work", worker=WORKER, host="host", current_tasks=running)
    assert found["task_id"] == then


def test_batched_tasks_are_batched():
    twins = Twins()
    twins.call("add_task_batcher", worker=WORKER, task_family="T", batched_args=["number"])
    assert begin(twins) is None
    assert {one.status for one in twins.lean._state.get_active_tasks()} == {
        "BATCH_RUNNING", "PENDING"}


class Step(luigi.Task):
    """A task that leaves a file."""

    task_namespace = "lean"
    name = luigi.Parameter()

    def complete(self):
        return Path(self.name).exists()

    def run(self):
        with Path("order").open("a") as order:
            order.write(f"{self.name}\n")
        Path(self.name).touch()


class Needs(Step):
    """A step that needs others, each by the word of its way to end."""

    below = luigi.ListParameter(default=())

    def requires(self):
        return [WAYS[way](name=name) for way, name in self.below]


class Fails(Step):
    def run(self):
        raise RuntimeError(self.name)


class Shaky(Step):
    """Fails the first time."""

    def run(self):
        tried = Path(f"{self.name} was tried")
        if tried.exists():
            return super().run()
        tried.touch()
        raise RuntimeError(self.name)


class Outside(luigi.ExternalTask):
    task_namespace = "lean"
    name = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(self.name)


class Off(Step):
    disabled = True


class Unsure(Step):
    def complete(self):
        raise OSError("cannot tell")


class Grows(Step):
    """Finds out while it runs that it needs others, one of which needs more in turn."""

    last = luigi.Parameter(default="step")

    def run(self):
        yield Step(name=f"{self.name} found")
        yield [Needs(name=f"{self.name} found too", below=[("step", "leaf"), ("step", "late")])]
        super().run()


WAYS = {"step": Step, "fails": Fails, "shaky": Shaky, "outside": Outside, "off": Off,
        "unsure": Unsure, "grows": Grows}

GRAPHS = {
    "nothing goes wrong": [("step", "a"), ("step", "b"), ("grows", "c")],
    "one fails": [("step", "a"), ("fails", "b"), ("grows", "c")],
    "data are missing": [("outside", "a"), ("step", "b")],
    "missing, failing, off": [("outside", "a"), ("fails", "b"), ("off", "c"), ("step", "d")],
    "one cannot tell": [("unsure", "a"), ("step", "b")],
    "cannot tell, and one fails": [("unsure", "a"), ("fails", "b"), ("grows", "c")],
    "one is shaky": [("shaky", "a"), ("step", "b")],
}


@pytest.fixture
def settings():
    """Luigi's settings, to be changed for one test."""
    config = configuration.get_config()
    before = {section: dict(config.items(section)) if config.has_section(section) else None
              for section in ("worker", "scheduler")}
    yield config
    for section, options in before.items():
        config.remove_section(section)
        for option, value in (options or {}).items():
            config.set(section, option, value)


@pytest.fixture
def outcome(tmp_path, monkeypatch, settings):
    """How a run ended: Luigi's own account, its exit status, what was done in which order."""
    for option, value in (("wait_interval", "0.05"), ("wait_jitter", "0")):
        settings.set("worker", option, value)

    def of(factory, below, workers):
        folder = tmp_path / type(factory).__name__
        folder.mkdir()
        monkeypatch.chdir(folder)
        Register.clear_instance_cache()
        root = Needs(name="root", below=[("step", "leaf"), *below])
        top = Needs(name="top", below=[("step", "leaf"), ("fails", "aside")])
        done = luigi.build([root, top], worker_scheduler_factory=factory, workers=workers, **QUIET)
        order = Path("order").read_text().split("\n")
        return (done.summary_text, done.status, done.scheduling_succeeded,
                order if workers == 1 else sorted(order))

    return of


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("below", GRAPHS.values(), ids=GRAPHS)
def test_a_run_ends_as_with_luigi_s_own_scheduler(outcome, below, workers):
    theirs = outcome(_WorkerSchedulerFactory(), below, workers)
    assert outcome(LeanFactory(), below, workers) == theirs


@pytest.mark.parametrize("counted", ["count_last_scheduled", "count_uniques", "send_failure_email"])
def test_a_worker_kept_alive_tries_failed_tasks_again_as_often_as_with_luigi_s(
    outcome, settings, counted
):
    settings.set("worker", "keep_alive", "true")
    settings.set("worker", counted, "true")
    settings.set("scheduler", "retry_delay", "0.0")
    settings.set("scheduler", "retry_count", "2")
    below = GRAPHS["one is shaky"]
    theirs = outcome(_WorkerSchedulerFactory(), below, 1)
    assert "root" in theirs[3], "the shaky task was tried again"
    assert outcome(LeanFactory(), below, 1) == theirs


class Pid(luigi.Task):
    """Says which process ran it, and takes its time."""

    task_namespace = "lean"
    number = luigi.IntParameter()
    seconds = luigi.FloatParameter(default=0.0)

    def complete(self):
        return Path(f"pid {self.number}").exists()

    def run(self):
        time.sleep(self.seconds)
        Path(f"pid {self.number}").write_text(str(os.getpid()))


class Dies(Pid):
    def run(self):
        os._exit(7)


def pids(tasks, workers=2):
    """The processes that ran tasks, in order of the tasks."""
    luigi.build(tasks, worker_scheduler_factory=LeanFactory(), workers=workers, **QUIET)
    return [Path(f"pid {task.number}").read_text() for task in tasks if task.complete()]


def test_short_tasks_share_the_processes_of_two_workers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(set(pids([Pid(number=number) for number in range(30)]))) < 10


def test_a_task_that_takes_longer_leaves_its_process_to_nobody(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(set(pids([Pid(number=number, seconds=1.1) for number in range(4)]))) == 4


def test_the_death_of_a_process_is_told_of_the_task_that_died_and_of_no_other(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    dead = []
    Dies.event_handler(luigi.Event.PROCESS_FAILURE)(lambda task, _: dead.append(task.number))
    tasks = [Pid(number=0), Pid(number=1), Dies(number=2), *map(Pid, range(3, 8))]
    assert len(pids(tasks)) == 7
    assert set(dead) == {2}, "Luigi may say it twice"


def test_the_processes_end_with_their_worker(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for pid in set(pids([Pid(number=number) for number in range(8)])):
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_processes_whose_worker_was_killed_end_by_themselves(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    worker = os.fork()
    if worker == 0:
        pids([*map(Pid, range(8)), Pid(number=8, seconds=2)])
        os._exit(0)
    deadline = time.monotonic() + 20
    while len(list(tmp_path.glob("pid *"))) < 8 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    short = {int(one.read_text()) for one in tmp_path.glob("pid *")}
    while any(map(is_running, short)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert short and not any(map(is_running, short))
