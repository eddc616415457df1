"""What each process of a run would import is imported once, before they are forked."""

import functools
import os

import luigi
import pytest

from tasks.engine import ArtifactTask, build

pytestmark = pytest.mark.usefixtures("place")


def where(number):
    """Which process called `preload` last, and which one this is."""
    return {"loaded": int(os.environ["LOADED_IN"]), "here": os.getpid()}


class Forked(ArtifactTask):
    """A task that Luigi forks a process for, however many workers there are."""

    number = luigi.IntParameter()
    worker_timeout = 60

    def preload(self):
        os.environ["LOADED_IN"] = str(os.getpid())

    def recipe(self):
        return functools.partial(where, number=self.number)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_is_preloaded_where_its_process_is_forked_from(workers, monkeypatch):
    monkeypatch.setenv("LOADED_IN", "0")
    tasks = [Forked(number=number) for number in range(2)]
    assert build(tasks, workers=workers, log_level="CRITICAL").succeeded
    found = [task.output().load() for task in tasks]
    assert {one["loaded"] for one in found} == {os.getpid()}
    assert os.getpid() not in {one["here"] for one in found}


def test_what_is_there_is_not_prepared_for(monkeypatch):
    monkeypatch.setenv("LOADED_IN", "0")
    assert build([Forked(number=1)], log_level="CRITICAL").succeeded
    os.environ["LOADED_IN"] = "0"
    assert build([Forked(number=1)], log_level="CRITICAL").succeeded
    assert os.environ["LOADED_IN"] == "0"
