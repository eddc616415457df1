"""How old the live model of a family is, from the receipts of its nights."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import luigi

from tasks.champion import receipts
from tasks.engine.explain import graph
from tasks.engine.workshop import workshop


@dataclass(frozen=True)
class ChampionAge:
    """Since when a family's live model is live; since its first night when none ever was."""

    family: str
    night: dt.date
    since: dt.date
    is_live: bool

    @property
    def days(self) -> int:
        """Days between the night that was looked at and ``since``."""
        return (self.night - self.since).days

    def __str__(self) -> str:
        if self.is_live:
            return f"the live model of {self.family} is of {self.since}"
        return f"no model of {self.family} was ever blessed, since its first night {self.since}"


def champion_ages(root: luigi.Task) -> list[ChampionAge]:
    """The ages for every family that ``root`` would publish, as of its night."""
    published: list[Any] = [one for one in graph(root) if one.task_family == "PublishModel"]
    found = [champion_age(one.family, one.day) for one in published]
    return [one for one in found if one is not None]


def champion_age(family: str, night: dt.date) -> ChampionAge | None:
    """The age of what is live after ``night``; None when the family has no receipt yet."""
    known = receipts(workshop().store, family, before=night + dt.timedelta(1))
    if not known:
        return None
    live = known[-1][1]["live_day"]
    if live is None:
        return ChampionAge(family, night, known[0][0], is_live=False)
    return ChampionAge(family, night, dt.date.fromisoformat(live), is_live=True)
