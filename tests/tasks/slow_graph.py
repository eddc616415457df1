"""A graph that takes seconds, for processes that are disturbed while they work on it."""

import functools
import sys
import time

import luigi

from tasks.engine import ArtifactTask, build


class Step(ArtifactTask):
    number = luigi.IntParameter()

    def recipe(self):
        return functools.partial(take_time, number=self.number)


class Walkway(ArtifactTask):
    steps = luigi.IntParameter(default=8)

    def requires(self):
        return {"steps": [Step(number=number) for number in range(self.steps)]}

    def recipe(self):
        return total


def total(steps):
    return sum(steps)


def take_time(number):
    time.sleep(0.4)
    return number


def main(scheduler_url=""):
    where = {"local_scheduler": False, "scheduler_url": scheduler_url} if scheduler_url else {}
    summary = build([Walkway()], log_level="ERROR", **where)
    for one in summary.failed:
        sys.stderr.write(f"{one.message}\n")
    sys.stdout.write(" ".join(sorted(f"{one.task}.{one.label}" for one in summary.built)))
    sys.exit(not summary.succeeded)

