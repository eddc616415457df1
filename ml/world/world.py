"""What defines a listening world: a few numbers and a seed. All else follows from them."""

import datetime as dt
from dataclasses import dataclass

HORIZON_DAYS = 400
"""Comings and goings are drawn this many days ahead; later days have no newcomers."""


@dataclass(frozen=True)
class World:
    """A world's size, start and seed. Before ``first_day`` nothing happened."""

    listeners: int = 1500
    """Everybody who ever listens; about three in four are here on a given day."""
    first_day: dt.date = dt.date(2026, 1, 1)
    seed: int = 7
    artists: int = 4000
    ads: int = 64
    """Adverts that run on the first day."""
    new_ads_per_day: float = 3.0

    def number(self, day: dt.date) -> int:
        """Days since the first; ValueError before it."""
        if day < self.first_day:
            raise ValueError(
                f"the listening world begins on {self.first_day}, asked for {day}. "
                "Ask for a later day, or make a World with an earlier first_day."
            )
        return (day - self.first_day).days
