"""What monitoring wrote down on earlier nights, read as it was: a record is never made again.

What a live model said on a day is a fact of that night. Were it asked for, a change in a
feature's code would make old models speak about rows they never saw. So later nights take what
the store has of the days before them: what it had when the run first asked, as a run may make
records of several days.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import luigi

from tasks.engine import ArtifactTask, SourceTask
from tasks.engine.workshop import workshop

WINDOW = 28
"""Days a monitoring night looks back at."""


class Recorded(SourceTask):
    """Files of artifacts that earlier nights made."""

    _found: list[str] | None = None

    def path(self) -> list[str]:
        if self._found is None:
            self._found = self.look()
        return self._found

    def look(self) -> list[str]:
        """Where the files are; a place where nothing is when there are none."""
        raise NotImplementedError


class Records(Recorded):
    """The files of a task's newest artifacts on the days from ``first`` to before ``day``."""

    of = luigi.Parameter()
    family = luigi.Parameter()
    first = luigi.DateParameter()
    day = luigi.DateParameter()

    def look(self) -> list[str]:
        folders = [newest(str(self.of), f"{self.family}.{self.first + dt.timedelta(one)}")
                   for one in range((self.day - self.first).days)]  # fmt: skip
        found = [str(one / "payload.json") for one in folders if one is not None]
        return found or [str(workshop().settings.root / "no record before" / str(self.day))]


class RecordedScores(Recorded):
    """What the live model said of each impression of a day, one file a shard."""

    family = luigi.Parameter()
    day = luigi.DateParameter()
    shards = luigi.IntParameter()

    def look(self) -> list[str]:
        absent = workshop().settings.root / "no scores of" / str(self.day)
        folders = [newest("ScoreImpressions", f"{self.family}.{self.day}.{shard}")
                   for shard in range(self.shards)]  # fmt: skip
        return [str((one or absent) / "payload.parquet") for one in folders]


def newest(task: str, label: str) -> Path | None:
    """The folder of the newest artifact under a label that the last listing knows.

    Without a look at the store for each day: a listing in bulk knows all that earlier runs made.
    """
    store = workshop().store
    entries = sorted(store.entries(task, label), key=lambda one: one.created, reverse=True)
    found = next((one for one in entries if store.find(one.address) is not None), None)
    return store.folder(found.address) if found else None


def records(of: type[ArtifactTask], family: str, day: dt.date, name: str) -> dict[str, Any]:
    """Earlier records as an input called ``name``, as far as there are any."""
    found = Records(of=of.__name__, family=family, first=day - dt.timedelta(WINDOW), day=day)
    return {name: found} if found.complete() else {}
