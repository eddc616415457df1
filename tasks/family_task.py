"""What tasks about one family and day share: which days they look at, and which tables exist."""

import dataclasses
import datetime as dt
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import luigi

from ml.families import FAMILIES
from ml.family import Family, Windows
from tasks.deployment import deployment
from tasks.engine import ArtifactTask
from tasks.ingest import ShardDay


class FamilyTask(ArtifactTask):
    """A stage of one family's night; ``day`` is the night, or the day a stage is about."""

    family = luigi.ChoiceParameter(choices=sorted(FAMILIES))
    day = luigi.DateParameter()

    @property
    def spec(self) -> Family:
        """What the family says about itself."""
        return FAMILIES[self.family]

    @property
    def resources(self) -> dict[str, int]:  # type: ignore[override]
        """What has a process of its own takes a place there: [resources] isolated says how many."""
        return {"isolated": 1} if self.isolated else {}

    @property
    def windows(self) -> Windows:
        """The family's windows; labels that come with the impressions need not mature."""
        windows = self.spec.windows
        source = deployment().source
        return dataclasses.replace(windows, maturity=min(windows.maturity, source.maturity_days))

    def days_back(self, count: int, last: dt.date) -> list[dt.date]:
        """Up to ``count`` days ending with ``last``, none before the source begins."""
        first = deployment().first_day
        days = [last - dt.timedelta(back) for back in reversed(range(count))]
        return [day for day in days if day >= first]

    def known(self, days: Iterable[dt.date]) -> list[dt.date]:
        """Those of ``days`` that the source has reached."""
        return [day for day in days if day >= deployment().first_day]

    def of(self, task: type[ArtifactTask], **parameters: Any) -> Any:
        """Another stage of the same family (and day, unless told otherwise)."""
        names = {"family": self.family, "day": self.day, **parameters}
        return task(**names)


def wants(function: Callable[..., Any], name: str) -> bool:
    """Whether a family's function reads an input: it says so by naming the parameter."""
    return name in inspect.signature(function).parameters


def tables_for(
    function: Callable[..., Any], names: Iterable[str], day: dt.date, shard: int
) -> dict[str, Any]:
    """The tables of one day and shard that a function reads and the source has."""
    here = deployment()
    return {
        name: ShardDay(table=name, day=day, shard=shard if shard in here.shards_of(name) else 0)
        for name in names
        if here.has(name) and wants(function, name)
    }

