"""What each process of a run would import is imported once, before they are forked."""

import functools
import os
import sys
import wave

import luigi
import pytest

from tasks.engine import ArtifactTask, build, isolated

pytestmark = pytest.mark.usefixtures("place", "leaving_traces")


@pytest.fixture
def leaving_traces(place, monkeypatch):
    """A module that writes down which process imports it."""
    (place / "leaves_a_trace.py").write_text(
        "import os, wave\nwave.HERE = os.getpid()\n"
        "open('imported.txt', 'a').write(f'{os.getpid()} ')\n")
    monkeypatch.syspath_prepend(place)
    monkeypatch.setattr(isolated, "_nurseries", {})  # one that is begun here finds the module
    yield
    sys.modules.pop("leaves_a_trace", None)


def where(number):
    """Which process imported the module, which one this is, and which it was forked from."""
    return {"imported": getattr(wave, "HERE", None), "here": os.getpid(), "from": os.getppid()}


class Forked(ArtifactTask):
    """A task that Luigi forks a process for, however many workers there are."""

    number = luigi.IntParameter()
    worker_timeout = 60
    preload = ("leaves_a_trace",)

    def recipe(self):
        return functools.partial(where, number=self.number)


class Apart(Forked):
    """One whose recipe has a process of its own, which is not forked from ours."""

    isolated = True


def imported():
    """The processes that have imported the module, in order."""
    with open("imported.txt") as file:
        return [int(one) for one in file.read().split()]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_is_preloaded_where_its_process_is_forked_from(workers):
    tasks = [Forked(number=number) for number in range(2)]
    assert build(tasks, workers=workers, log_level="CRITICAL").succeeded
    found = [task.output().load() for task in tasks]
    assert {one["imported"] for one in found} == {os.getpid()}
    assert os.getpid() not in {one["here"] for one in found}
    assert imported() == [os.getpid()]


@pytest.mark.parametrize("workers", [1, 2])
def test_for_a_recipe_apart_it_is_the_process_that_recipes_are_forked_from(workers):
    tasks = [Apart(number=number) for number in range(2)]
    assert build(tasks, workers=workers, log_level="CRITICAL").succeeded
    found = [task.output().load() for task in tasks]
    [nursery] = {one["from"] for one in found}
    assert imported() == [nursery] and {one["imported"] for one in found} == {nursery}
    assert "leaves_a_trace" not in sys.modules


def test_what_is_there_is_not_prepared_for():
    assert build([Forked(number=1)], log_level="CRITICAL").succeeded
    sys.modules.pop("leaves_a_trace")
    assert build([Forked(number=1)], log_level="CRITICAL").succeeded
    assert len(imported()) == 1
