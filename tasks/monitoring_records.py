"""What monitoring wrote down on earlier nights, read as it was: a record is never made again.

What a live model said on a day is a fact of that night. Were it asked for, a change in a
feature's code would make old models speak about rows they never saw. So later nights take what
the store has of the days before them.
"""

import datetime as dt
from pathlib import Path

import luigi

from tasks.engine import ArtifactTask, SourceTask
from tasks.engine.workshop import workshop

WINDOW = 28
"""Days a monitoring night looks back at."""


class Records(SourceTask):
    """The files of a task's newest artifacts on the days from ``first`` to before ``day``."""

    of = luigi.Parameter()
    family = luigi.Parameter()
    first = luigi.DateParameter()
    day = luigi.DateParameter()

    def path(self) -> list[str]:
        store, found = workshop().store, []
        for when in _days(self.first, self.day):
            entry = store.newest(str(self.of), f"{self.family}.{when}")
            if entry is not None:
                found.append(str(store.folder(entry.address) / "payload.json"))
        return found or [str(workshop().settings.root / "no record before" / str(self.day))]


class RecordedScores(SourceTask):
    """What the live model said of each impression of a day, one file a shard."""

    family = luigi.Parameter()
    day = luigi.DateParameter()
    shards = luigi.IntParameter()

    def path(self) -> list[str]:
        store = workshop().store
        labels = [f"{self.family}.{self.day}.{shard}" for shard in range(self.shards)]
        made = [store.newest("ScoreImpressions", label) for label in labels]
        lacking = Path("no scores of") / str(self.day)
        return [str((store.folder(one.address) if one else workshop().settings.root / lacking)
                    / "payload.parquet") for one in made]  # fmt: skip


def records(of: type[ArtifactTask], family: str, day: dt.date, name: str) -> dict[str, Records]:
    """Earlier records as an input called ``name``, as far as there are any."""
    found = Records(of=of.__name__, family=family, first=day - dt.timedelta(WINDOW), day=day)
    return {name: found} if found.complete() else {}


def _days(first: dt.date, end: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(one) for one in range((end - first).days)]
