"""A night that takes no time: one log a day is counted, and a chart adds up three days.

While a file ``hold`` lies in the folder, counting does not end: so that a test can end it.
"""

import datetime as dt
import time
from functools import partial
from pathlib import Path

import luigi

from tasks.engine import ArtifactTask, SourceTask


def count(log, day):
    """Plays by track. Raises ValueError at a line that is no play."""
    while Path("hold").exists():
        time.sleep(0.05)
    plays = {}
    for line in log.read_text().splitlines():
        track, seconds = line.split(",")
        if int(seconds) < 0:
            raise ValueError(f"{day}: a play of {seconds} seconds")
        plays[track] = plays.get(track, 0) + 1
    return {"day": str(day), "plays": plays}


def add_up(days):
    """The plays of several days, and an alarm when nobody plays anything."""
    total = sum(sum(day["plays"].values()) for day in days)
    alarms = [] if total > 1 else [
        {"kind": "volume", "subject": "plays", "runbook": "volume",
         "sentence": f"{total} plays in three days, where at least 2 are expected"}]  # fmt: skip
    return {"total": total, "alarms": alarms}


class Log(SourceTask):
    """The log of a day."""

    day = luigi.DateParameter()

    def path(self):
        return f"logs/{self.day}.csv"


class CountPlays(ArtifactTask):
    """Plays of a day."""

    day = luigi.DateParameter()

    def requires(self):
        return {"log": Log(day=self.day)}

    def recipe(self):
        return partial(count, day=self.day)


class MakeChart(ArtifactTask):
    """Plays of the day and the two before it."""

    day = luigi.DateParameter()

    def requires(self):
        window = [self.day - dt.timedelta(back) for back in range(3)]
        return {"days": [CountPlays(day=day) for day in window]}

    def recipe(self):
        return add_up


class Tiny(luigi.WrapperTask):
    """The chart of a day is there."""

    day = luigi.DateParameter()

    def requires(self):
        yield MakeChart(day=self.day)
