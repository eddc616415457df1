"""Whether the tables of a day came, and as much of them as usual; and the page about it all."""

import datetime as dt
from functools import partial
from typing import Any

import luigi

from ml.families import FAMILIES
from ml.monitoring import tables as checking
from ml.report import monitoring as page
from tasks.deployment import deployment
from tasks.engine import ArtifactTask
from tasks.feasible import families_possible
from tasks.ingest import IngestDay
from tasks.monitoring import CheckChampion, MeasureDrift, monitored
from tasks.monitoring_performance import EstimatePerformance, MeasureCalibration
from tasks.monitoring_records import WINDOW


class CheckTables(ArtifactTask):
    """Freshness and volume of every daily table, beside its own past."""

    day = luigi.DateParameter()

    def requires(self) -> dict[str, Any]:
        return {"ingested": [IngestDay(table=table, day=day) for table in watched_tables()
                             for day in self._days()
                             if is_awaited(table, day) and has_come(table, day)]}  # fmt: skip

    def recipe(self) -> partial[Any]:
        names = watched_tables()
        absent = tuple((table, str(self.day)) for table in names
                       if is_awaited(table, self.day) and not has_come(table, self.day))
        newest = tuple((table, str(day)) for table in names if (day := self._newest(table)))
        return partial(checking.check_tables, day=self.day, absent=absent, newest=newest)

    def summary(self, value: Any) -> str:
        alarms = value["alarms"]
        return alarms[0]["sentence"] if alarms else f"{len(value['tables'])} tables as usual"

    def _days(self) -> list[dt.date]:
        first = deployment().first_day
        days = [self.day - dt.timedelta(back) for back in reversed(range(WINDOW + 1))]
        return [day for day in days if day >= first]

    def _newest(self, table: str) -> dt.date | None:
        return max((day for day in self._days() if has_come(table, day)), default=None)


def watched_tables() -> list[str]:
    """The daily tables that families read, where the source has them."""
    read = {table for spec in FAMILIES.values() for table in spec.tables}
    return [table for table in deployment().source.daily if table in read]


def has_come(table: str, day: dt.date) -> bool:
    """Whether a day of a table is there; outcomes of a day to score are not awaited."""
    here = deployment()
    return here.is_world or here.has_files(table, day)


def is_awaited(table: str, day: dt.date) -> bool:
    """Whether a day of a table should be there: not the outcomes of a day to score."""
    return table != "outcomes" or deployment().labelled(day)


class WriteMonitoring(ArtifactTask):
    """One page on everything that is watched on a day."""

    day = luigi.DateParameter()

    def requires(self) -> dict[str, Any]:
        stages = {"drift": MeasureDrift, "calibration": MeasureCalibration,
                  "performance": EstimatePerformance, "champion": CheckChampion}  # fmt: skip
        families = {f"{family} {name}": stage(family=family, day=self.day)
                    for family in self._monitored() for name, stage in stages.items()}
        tables = {"tables": CheckTables(day=self.day)}
        return tables | ({"families": families} if families else {})

    def recipe(self) -> partial[Any]:
        titles = tuple((name, FAMILIES[name].title) for name in families_possible(self.day))
        return partial(page.write, day=self.day, titles=titles)

    def summary(self, value: Any) -> str:
        return f"the page of what was watched on {self.day}"

    def page(self, link: str, notes: dict[str, str | float]) -> str:
        return f"{link}/payload.html"

    def _monitored(self) -> list[str]:
        return [name for name in families_possible(self.day) if monitored(name, self.day)]
