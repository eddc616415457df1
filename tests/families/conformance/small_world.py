"""What a source delivered, in memory: small enough to be changed in a hundred ways a minute."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd

from ml.tables import TABLES
from ml.world import World, generate_day

Tables = Mapping[dt.date, Mapping[str, pd.DataFrame]]
EVENTS = tuple(name for name, table in TABLES.items() if table.daily)
SHARDS = 4
DAYS = 8
DAY = 5
"""Which of the days the examples are of: with days before it to look back on, and days after."""


@dataclass(frozen=True, eq=False)
class SmallWorld:
    """The tables of some days, by day and name, and the day whose examples are looked at.

    A table that the source does not have is in no day.
    """

    tables: Tables
    day: dt.date

    @property
    def days(self) -> list[dt.date]:
        """All days, oldest first."""
        return sorted(self.tables)

    @property
    def morrow(self) -> dt.date:
        """The day after the day that is looked at."""
        return self.day + dt.timedelta(days=1)

    def until(self, last: dt.date) -> list[dt.date]:
        """The days up to and including ``last``."""
        return [day for day in self.days if day <= last]

    def has(self, name: str) -> bool:
        """Whether the source delivers this table."""
        return name in self.tables[self.day]

    def table(self, name: str, day: dt.date, shard: int | None = None) -> pd.DataFrame | None:
        """One table of one day, or one of SHARDS shards of it; None when it is not delivered."""
        whole = self.tables[day].get(name)
        if shard is None or whole is None or not TABLES[name].by_listener:
            return whole
        return whole[_shard_of(whole["listener"]) == shard].reset_index(drop=True)

    def changed(self, change: Callable[[dt.date, str, pd.DataFrame], pd.DataFrame]) -> "SmallWorld":
        """The same world with each table replaced by what ``change(day, name, table)`` makes."""
        return replace(
            self,
            tables={
                day: {name: change(day, name, table) for name, table in tables.items()}
                for day, tables in self.tables.items()
            },
        )

    @cache  # noqa: B019 - a handful of worlds, for as long as the tests last
    def without(self, *names: str) -> "SmallWorld":
        """The same world from a source that lacks some tables."""
        return replace(
            self,
            tables={
                day: {name: table for name, table in tables.items() if name not in names}
                for day, tables in self.tables.items()
            },
        )

    def save(self, folder: Path) -> None:
        """Write every table, for another process to `load`."""
        for day, tables in self.tables.items():
            (folder / day.isoformat()).mkdir(parents=True)
            for name, table in tables.items():
                table.to_parquet(folder / day.isoformat() / f"{name}.parquet")


def load(folder: Path, day: dt.date) -> SmallWorld:
    """The world that was saved in ``folder``."""
    tables = {
        dt.date.fromisoformat(each.name): {
            path.stem: pd.read_parquet(path) for path in sorted(each.iterdir())
        }
        for each in sorted(folder.iterdir())
    }
    return SmallWorld(tables, day)


def listening_world(listeners: int = 120) -> SmallWorld:
    """Eight days of the built-in world, with every table."""
    world = World(listeners=listeners, artists=80)
    days = [world.first_day + dt.timedelta(number) for number in range(DAYS)]
    made = {
        day: {name.split(".")[0]: table for name, table in generate_day(world, day).items()}
        for day in days
    }
    return SmallWorld(made, days[DAY])


def _shard_of(listeners: pd.Series) -> pd.Series:
    hashed = pd.util.hash_array(listeners.to_numpy(dtype=object), categorize=False)
    return pd.Series(hashed % SHARDS, index=listeners.index)
