"""One process for the isolated recipes of a run, one after the other, while each leaves nothing."""

import functools
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import luigi
import pytest
from liveness import is_running

from tasks.engine import ArtifactTask, build, isolated, why
from tasks.engine.settings import read_settings

pytestmark = pytest.mark.usefixtures("place")

MEBIBYTE = 1 << 20


class Step(ArtifactTask):
    """The last of so many steps, of which the first is done in one of the ways below."""

    how = luigi.Parameter(default="go")
    number = luigi.IntParameter(default=2)
    isolated = True

    def requires(self):
        return {"before": Step(self.how, self.number - 1)} if self.number > 1 else {}

    def recipe(self):
        way = WAYS[self.how] if self.number == 1 else go
        return functools.partial(way, number=self.number)


def go(number, before=None):
    return {"process": os.getpid(), "folder": os.getcwd(), "word": os.environ.get("WORD", ""),
            "before": before or {}}  # fmt: skip


def leave_a_thread(number):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return go(number)


def leave_a_process(number):
    return {**go(number), "left": subprocess.Popen(["sleep", "60"]).pid}


def leave_an_orphan(number):
    """A process whose parent has ended; it holds the recipe's output open, as daemons do."""
    command = ["sh", "-c", "sleep 60 2>/dev/null & echo $! >&2"]
    left = subprocess.run(command, stderr=subprocess.PIPE)
    return {**go(number), "left": int(left.stderr)}


def take_much_memory(number):
    return {**go(number), "much": len(b"x" * (1100 * MEBIBYTE))}


def take_some_memory(number):
    return {**go(number), "some": len(b"x" * (300 * MEBIBYTE))}


def wait_for_its_process(number):
    """A process that has ended, though nobody has asked yet how."""
    return {**go(number), "ended": os.waitid(os.P_PID, subprocess.Popen(["true"]).pid,
                                             os.WEXITED | os.WNOWAIT).si_status}


def move_away(number):
    found = go(number)
    Path("other").mkdir()
    os.chdir("other")
    os.environ["WORD"] = "changed"
    return found


def fail_once(number):
    if not Path("failed").exists():
        Path("failed").touch()
        raise ValueError(f"process {os.getpid()}.")
    return go(number)


WAYS = {one.__name__: one for one in (
    go, leave_a_thread, leave_a_process, leave_an_orphan, take_much_memory, take_some_memory,
    wait_for_its_process, move_away, fail_once,
)}  # fmt: skip


def built(how="go", number=2, **options):
    task = Step(how, number)
    assert build([task], log_level="CRITICAL", **options).succeeded
    return task.output().load()


@pytest.mark.parametrize("workers", [1, 2])
def test_isolated_recipes_of_a_run_have_one_process_after_another(workers):
    found = built(number=3, workers=workers)
    assert found["process"] == found["before"]["process"] == found["before"]["before"]["process"]
    assert found["process"] != os.getpid()


def test_the_next_run_has_another(place):
    first = built(number=1)
    assert built(number=2)["process"] != first["process"]
    assert not Path(f"/proc/{first['process']}").exists()


@pytest.mark.parametrize(
    "how", ["leave_a_thread", "leave_a_process", "leave_an_orphan", "take_much_memory"]
)
def test_a_process_in_which_something_was_left_is_not_used_again(how):
    began = time.monotonic()
    found = built(how)
    assert found["process"] != found["before"]["process"]
    assert not Path(f"/proc/{found['before']['process']}").exists()
    assert not is_running(found["before"].get("left")) and time.monotonic() - began < 30


def test_a_process_whose_own_have_ended_is_used_again():
    found = built("wait_for_its_process")
    assert found["process"] == found["before"]["process"]


def test_a_process_in_which_a_recipe_failed_is_not_used_again():
    [failure] = build([Step("fail_once", 1)], log_level="CRITICAL").failed
    found = built("fail_once")
    assert f"process {found['before']['process']}." not in failure.message
    assert "ValueError: process " in failure.message


def test_where_and_with_what_a_recipe_runs_is_not_what_another_made_of_it(place, monkeypatch):
    monkeypatch.setenv("WORD", "given")
    found = built("move_away")
    assert found["process"] == found["before"]["process"]
    assert (found["folder"], found["word"]) == (str(place), "given")


def test_the_memory_of_a_recipe_is_not_that_of_one_before_it():
    built("take_some_memory")
    small, large = (why(Step("take_some_memory", number))[0].peak_memory_bytes
                    for number in (2, 1))  # fmt: skip
    assert large - small > 250 * MEBIBYTE


def test_what_begins_with_the_nursery_has_read_no_settings():
    """It may have begun in another folder than that of the run that asks, which has its own."""
    child = isolated.warm(read_settings()).child(
        "import sys; print([one for one in sys.modules if one.startswith(('luigi', 'tasks.eng'))])",
        [], isolated.environment())  # fmt: skip
    child.wait()
    assert child.stdout.read() == "[]\n"
    child.close()


def test_runs_that_follow_each_other_at_once_all_get_their_processes():
    """Those of the run before are just ending, which the nursery hears of in several ways."""
    nursery = isolated.warm(read_settings())
    for run in range(200):
        children = [nursery.child("import time; time.sleep(0.001)", [], isolated.environment(),
                                  company=str(run)) for _ in range(3)]  # fmt: skip
        for child in children:
            child.wait()
        assert [child.returncode for child in children] == [0, 0, 0]
        for child in children:
            child.close()


class Killed(ArtifactTask):
    """Kills the process of the first step, while it is free."""

    priority = 10

    def requires(self):
        return {"step": Step(number=1)}

    def recipe(self):
        return kill


def kill(step):
    os.kill(step["process"], signal.SIGKILL)
    while is_running(step["process"]):
        time.sleep(0.01)
    return step["process"]


class After(luigi.WrapperTask):
    """What is asked of a process that somebody else has killed."""

    def requires(self):
        return [Killed(), Step(number=2)]


def test_a_free_process_that_was_killed_is_replaced():
    assert build([After()], log_level="CRITICAL").succeeded
    assert Step(number=2).output().load()["process"] != Killed().output().load()
