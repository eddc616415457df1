"""Isolated tasks: a process of their own, whose end, however it comes, is told in words."""

import functools
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import luigi
import pytest
from liveness import is_running

from tasks.engine import ArtifactTask, SourceTask, build, why
from tasks.engine.artifact import ArtifactTask as Base
from tasks.engine.elsewhere import Order, cook, made_of
from tasks.engine.errors import RecipeError, StoreUnreachable
from tasks.engine.run import fresh_walk
from tasks.engine.walk import key_of

QUIET = {"log_level": "CRITICAL"}
logger = logging.getLogger("a recipe")


class Seed(SourceTask):
    def path(self):
        return "seed.txt"


class Sown(ArtifactTask):
    """Sows a seed in one of the ways below."""

    how = luigi.Parameter(default="sow")
    rows = luigi.IntParameter(default=2)
    isolated = True

    def requires(self):
        return {"seed": Seed()}

    def recipe(self):
        return functools.partial(WAYS[self.how], rows=self.rows)

    def summary(self, value):
        return f"sown: {value}"


class SownWithManyWords(Sown):
    words = luigi.Parameter(default="word " * 100_000, significant=False)


class SownHere(Sown):
    isolated = False


class Gleaned(ArtifactTask):
    isolated = True

    def requires(self):
        return {"sown": SownHere()}

    def recipe(self):
        return glean


def sow(seed, rows):
    return {"text": seed.read_text() * rows, "process": os.getpid()}


def tell_threads(seed, rows):
    return {"threads": os.environ["OMP_NUM_THREADS"]}


def glean(sown):
    return {"gleaned": sown["text"]}


def be_killed(seed, rows):
    sys.stdout.write("half way\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def abort(seed, rows):
    os.abort()


def leave(seed, rows):
    os._exit(3)


def raise_something(seed, rows):
    raise ValueError("the soil is frozen")


def sleep(seed, rows):
    time.sleep(60)


def lose_the_store_once(seed, rows):
    if not Path("lost").exists():
        Path("lost").touch()
        raise StoreUnreachable("no answer from the bucket")
    return "done"


def leave_a_child_behind(seed, rows):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    os.kill(os.getpid(), signal.SIGKILL)


def print_a_lot(seed, rows):
    for _ in range(20_000):
        sys.stdout.write("a line of some length to fill the pipe\n")
        sys.stderr.write("another one for the errors, as long\n")
    sys.stdout.write("no newline")
    return "done"


def print_bytes(seed, rows):
    os.write(1, b"\xff\xfe\x00\n")
    return "done"


def ask_for_more(seed, rows):
    return sys.stdin.read()


def report(seed, rows):
    logger.warning("half < way", extra={"percent": 50})
    return "done"


def read_on_the_side(seed, rows):
    return Path("other.txt").read_text()


def return_nothing(seed, rows):
    return None


def name_the_parent(seed, rows):
    return {"nursery": os.getppid(), "traced": signal.getsignal(signal.SIGUSR1)}


def keep_a_file(seed, rows):
    Path("pid.txt").write_text(str(os.getpid()))
    time.sleep(60)


def outlive_the_run(seed, rows):
    Path("pid.txt").write_text(str(os.getpid()))
    worker = os.getppid()
    os.kill(worker, signal.SIGKILL)
    while os.getppid() == worker:
        time.sleep(0.01)
    return "done"


WAYS = {one.__name__: one for one in (
    sow, be_killed, abort, leave, raise_something, sleep, leave_a_child_behind, print_a_lot,
    print_bytes, ask_for_more, report, read_on_the_side, return_nothing, keep_a_file,
    name_the_parent, tell_threads, lose_the_store_once, outlive_the_run,
)}  # fmt: skip


@pytest.fixture
def seed(place):
    (place / "seed.txt").write_text("s")
    (place / "other.txt").write_text("o")
    return place / "seed.txt"


def run(how, cls=Sown, **options):
    task = cls(how=how)
    return task, build([task], **QUIET, **options)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_share_the_cores_unless_somebody_said_otherwise(seed, monkeypatch, workers):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert build([Sown("tell_threads")], workers=workers, **QUIET).succeeded
    cores = len(os.sched_getaffinity(0))
    assert Sown("tell_threads").output().load() == {"threads": str(max(1, cores // workers))}
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert build([Sown("tell_threads", rows=3)], workers=workers, **QUIET).succeeded
    assert Sown("tell_threads", rows=3).output().load() == {"threads": "7"}


def test_a_recipe_runs_in_another_process_and_gives_the_same_artifact(seed):
    task, summary = run("sow")
    assert summary.succeeded
    value = task.output().load()
    assert value["text"] == "ss" and value["process"] != os.getpid()
    manifest, reasons = why(task)
    assert manifest.peak_memory_bytes > 1e6 and manifest.rows is None
    assert [reason.kind for reason in reasons] == ["first build"]
    assert summary.built[0].message.startswith("sown: {")


def test_what_the_other_process_must_know_may_be_long(seed):
    assert run("sow", cls=SownWithManyWords)[1].succeeded


def test_where_a_recipe_runs_is_no_part_of_its_identity(seed):
    run("sow")
    run("sow", cls=SownHere)
    keys = [path.name for path in Path("store").glob("Sown*/*/*")]
    assert len(keys) == 2 and len(set(keys)) == 1


def test_two_workers_run_isolated_recipes(seed):
    tasks = [Sown(how="sow"), Sown(how="report")]
    assert build(tasks, workers=2, **QUIET).succeeded


@pytest.mark.parametrize(
    "how, says",
    [
        ("be_killed", ["was killed (out of memory?)", "half way"]),
        ("abort", ["aborted inside a compiled library"]),
        ("leave", ["ended with exit code 3"]),
        ("raise_something", ["ended with exit code 1", "ValueError: the soil is frozen"]),
        ("leave_a_child_behind", ["was killed"]),
        ("read_on_the_side", ["other.txt", "not among its inputs"]),
        ("return_nothing", ["was return forgotten?"]),
    ],
)
def test_a_process_that_fails_says_how(seed, how, says):
    started = time.monotonic()
    _, summary = run(how)
    assert not summary.succeeded and time.monotonic() - started < 20
    [failure] = summary.failed
    assert all(part in failure.message for part in says), failure.message
    assert not list(Path("store").glob("_staging/*"))


def test_what_the_engine_raised_there_is_raised_here_and_a_lost_connection_tried_again(seed):
    luigi.configuration.get_config().set("engine", "retry_seconds", "0.01")
    task, summary = run("lose_the_store_once")
    assert summary.succeeded and task.output().load() == "done"
    _, summary = run("read_on_the_side")
    assert summary.failed[0].message.startswith("UndeclaredRead: ")


def test_a_process_that_takes_too_long_is_ended(seed):
    config = luigi.configuration.get_config()
    config.set("engine", "isolated_timeout_seconds", "2")
    started = time.monotonic()
    _, summary = run("sleep")
    assert time.monotonic() - started < 15
    assert "longer than its limit of 2 s" in summary.failed[0].message


@pytest.mark.parametrize("how", ["print_a_lot", "print_bytes"])
def test_what_a_recipe_prints_does_no_harm(seed, how):
    task, summary = run(how)
    assert summary.succeeded, summary.failed
    assert task.output().load() == "done"


def test_another_content_under_the_key_of_an_input_is_not_worked_on(seed, tmp_path):
    """The process that asked meant what was there before; the child must not name that after it."""
    assert build([SownHere()], **QUIET).succeeded
    task, walk = Gleaned(), fresh_walk()
    walk.state(task)
    [(key, digest)] = walk.known_inputs(task)
    for meant in (digest, "0" * len(digest)):
        order = Order(task.task_module, task.task_family, task.label(), task.to_str_params(),
                      str(tmp_path), key_of(walk.recipe(task), {"sown": meant}), [(key, meant)])
        if meant == digest:
            assert made_of(cook(order, tmp_path, lambda *_: None)).codec == "json"
        else:
            with pytest.raises(RecipeError, match="an input changed"):
                cook(order, tmp_path, lambda *_: None)


def test_a_recipe_cannot_wait_for_a_person(seed):
    task, summary = run("ask_for_more")
    assert summary.succeeded and task.output().load() == ""


def test_progress_of_the_other_process_is_told(seed, monkeypatch):
    told = []
    monkeypatch.setattr(Base, "tell", lambda self, text, percent=None: told.append((text, percent)))
    assert run("report")[1].succeeded
    assert ("half < way", 50) in told


def test_a_process_that_outlives_the_run_ends_with_its_task(seed):
    """One of several workers' processes, whose run is killed while it builds."""
    code = (
        "from test_engine_isolated import *; "
        "build([SownHere(how='outlive_the_run')], workers=2, log_level='CRITICAL')"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run([sys.executable, "-c", code], env=env, stderr=subprocess.DEVNULL)
    assert ended.returncode == -signal.SIGKILL
    other = int(Path("pid.txt").read_text())
    until(lambda: not is_running(other))
    assert list(Path("store").glob("SownHere/*/*/manifest.json"))


def test_the_process_dies_with_the_run(seed, tmp_path):
    code = (
        "from test_engine_isolated import *; "
        "import luigi; luigi.build([Sown(how='keep_a_file')], local_scheduler=True)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.DEVNULL) as run_:
        until(lambda: Path("pid.txt").exists() and Path("pid.txt").read_text())
        other = int(Path("pid.txt").read_text())
        run_.kill()
    until(lambda: not is_running(other))


def nursery_of(rows=1, **options):
    """Where a recipe was forked, and whether what `isolated_preload` names was there."""
    task = Sown(how="name_the_parent", rows=rows)
    assert build([task], **QUIET, **options).succeeded
    return task.output().load()


def test_isolated_recipes_are_forked_from_one_process_with_their_libraries_imported(seed):
    luigi.configuration.get_config().set("engine", "isolated_preload", "leaves_a_trace")
    first, second = nursery_of(rows=1), nursery_of(rows=2, workers=2)
    assert first == second and first["traced"] == signal.SIG_IGN
    assert first["nursery"] != os.getpid()


def test_a_nursery_that_was_lost_is_replaced(seed):
    luigi.configuration.get_config().set("engine", "isolated_preload", "colorsys wave")
    first = nursery_of(rows=1)["nursery"]
    os.kill(first, signal.SIGKILL)
    until(lambda: not is_running(first))
    assert nursery_of(rows=2)["nursery"] != first


def test_a_module_that_cannot_be_imported_is_named(seed):
    luigi.configuration.get_config().set("engine", "isolated_preload", "no_such_module")
    _, summary = run("sow")
    assert "[engine] isolated_preload" in summary.failed[0].message
    assert "No module named 'no_such_module'" in summary.failed[0].message


def test_the_nursery_goes_with_the_run(seed):
    code = (
        "from test_engine_isolated import *; "
        "import luigi; luigi.build([Sown(how='name_the_parent')], local_scheduler=True); "
        "print(Sown(how='name_the_parent').output().load()['nursery'])"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert not is_running(int(done.stdout))


def until(happened, seconds=20):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
