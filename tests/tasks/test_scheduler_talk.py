"""A real `luigid` and what tasks tell it: a sentence, progress, a link; and what it sends them."""

import contextlib
import functools
import json
import logging
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import luigi
import pytest

from tasks.engine import ArtifactTask, build, ledger
from tasks.engine.workshop import workshop

QUIET = {"log_level": "CRITICAL"}


class Slow(ArtifactTask):
    """Says how far it has come; in a process of its own."""

    isolated = True
    steps = luigi.IntParameter()

    def recipe(self):
        return functools.partial(step_by_step, steps=self.steps)

    def summary(self, value):
        return f"{value['steps']} steps <taken>"


class Told(ArtifactTask):
    """Its link is what it noted."""

    def recipe(self):
        return tell

    def notes(self, value):
        return {"place": "http://registry.example/7"}

    def page(self, link, notes):
        return f"{notes['place']}?{link}"


def step_by_step(steps):
    for step in range(steps):
        logging.getLogger(__name__).warning("step %d", step, extra={"percent": step})
        time.sleep(0.1)
    return {"steps": steps}


def tell():
    return {"told": True}


class Luigid:
    """What the scheduler's page asks the scheduler."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, method, **parameters):
        data = urllib.parse.quote(json.dumps(parameters))
        with urllib.request.urlopen(f"{self.url}/api/{method}?data={data}", timeout=30) as answer:
            return json.load(answer)["response"]

    def task(self, family):
        """The newest task of a family, as the page shows it; None while there is none."""
        found = [{"id": name, **one} for status in ("RUNNING", "DONE", "FAILED")
                 for name, one in self.ask("task_list", status=status, upstream_status="").items()
                 if one["name"] == family]
        return max(found, key=lambda one: one["start_time"], default=None)


@pytest.fixture
def scheduler(luigid, place):
    return Luigid(luigid)


RUNNING = """
import sys
from test_scheduler_talk import Slow, build
build([Slow(steps=int(sys.argv[1]))], local_scheduler=False, scheduler_url=sys.argv[2],
      log_level="CRITICAL")
"""


@contextlib.contextmanager
def running(steps, scheduler):
    """A process that works on a slow task; the task as the page shows it, once it moves."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", RUNNING, str(steps), scheduler.url]
    with subprocess.Popen(command, env=env) as process:
        try:
            yield until(lambda: (one := scheduler.task("Slow")) and one["progress_percentage"]
                        and one["status"] == "RUNNING" and one)
            process.wait(60)
        finally:
            process.kill()


def outcomes():
    return ledger.recent(workshop(), nights=1)[0].outcomes


def until(look, seconds=30):
    last = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < last, "not within the time"
        time.sleep(0.05)
    return found


def test_the_scheduler_shows_a_sentence_progress_and_a_link(scheduler):
    with running(30, scheduler) as seen:
        assert seen["status_message"].startswith("step ") and seen["accepts_messages"]
    done = scheduler.task("Slow")
    assert done["status"] == "DONE" and done["progress_percentage"] == 100
    assert done["status_message"].startswith("30 steps &lt;taken&gt;; built in")
    assert done["tracking_url"].startswith("file://") and "/Slow/30/" in done["tracking_url"]


def test_a_task_may_lead_elsewhere_by_what_it_noted(scheduler):
    luigi.configuration.get_config().set("engine", "page", "http://127.0.0.1:8083/")
    task = Told()
    assert build([task], local_scheduler=False, scheduler_url=scheduler.url, **QUIET).succeeded
    link = scheduler.task("Told")["tracking_url"]
    assert link.startswith("http://registry.example/7?http://127.0.0.1:8083/artifact/Told/all/")


def test_a_message_from_the_page_stops_a_task_that_runs_long(scheduler, place):
    with running(600, scheduler) as seen:
        scheduler.ask("send_scheduler_message", worker=seen["worker_running"], task=seen["id"],
                      content="stop")
    [failure] = outcomes()
    assert failure.error == "Stopped" and "on the scheduler's page" in failure.message
    assert scheduler.task("Slow")["status"] == "FAILED"
    assert not list(place.glob("store/Slow/*/*"))
