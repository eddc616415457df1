"""Days of a listening world as the nightly tasks see them: tables, summaries, examples."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.calibration import fit_calibration
from ml.families import FAMILIES
from ml.families.ad_targeting import AD_TARGETING
from ml.policies import Outcome
from ml.training import fit
from ml.value import bids
from ml.world import World, generate_day, true_alternatives

TABLES = ("impressions", "listens", "listeners", "consent")
OUTCOMES = tuple(
    Outcome(name, worth, FAMILIES[name].required_outcomes, FAMILIES[name].model,
            FAMILIES[name].scope)
    for name, worth in AD_TARGETING.worth
)  # fmt: skip


@dataclass(frozen=True)
class Nights:
    """Everything of the first days of a world; days are counted from its first."""

    world: World
    tables: list[dict[str, pd.DataFrame]]
    history: list[dict]
    pooled: list[dict]

    def day(self, number: int) -> dt.date:
        return self.world.first_day + dt.timedelta(number)

    def read(self, number: int) -> dict:
        """What the examples of a day are made of, but for how many days outcomes may take."""
        past = {"history": self.history[:number], "pooled": self.pooled[:number]}
        return {"day": self.day(number)} | past | {
            name: self.tables[number][name] for name in TABLES
        }

    def outcomes(self, number: int, days: int) -> list[pd.DataFrame]:
        return [table["outcomes"] for table in self.tables[number : number + days + 1]]

    def examples(self, number: int) -> dict[str, pd.DataFrame]:
        """The examples of a day, by family."""
        shared = AD_TARGETING.examples(**self.read(number), outcomes=self.outcomes(number, 1))
        later = self.outcomes(number, 7)
        return {"ad_targeting": shared} | {
            name: FAMILIES[name].examples(day=self.day(number), shared=shared, outcomes=later)
            for name, _ in AD_TARGETING.worth[1:]
        }

    def alternatives(self, number: int, **changed) -> pd.DataFrame:
        read = self.read(number) | {"outcomes": self.outcomes(number, 1)}
        running = {"campaigns": self.tables[number]["campaigns"]}
        return AD_TARGETING.alternatives(**(read | running | changed))

    def models(
        self, numbers: Iterable[int], outcomes: tuple[Outcome, ...], night: int
    ) -> tuple[dict, dict]:
        """Model and calibration by family, from those days whose labels are mature by ``night``.

        The last of them stops the training and calibrates.
        """
        built = {number: self.examples(number) for number in numbers}
        made, calibrations = {}, {}
        for one in outcomes:
            late = FAMILIES[one.family].windows.maturity
            *train, stop = (each[one.family] for number, each in built.items()
                            if number + late < night)  # fmt: skip
            made[one.family] = fit(train, [stop], recipe=one.recipe, threads=1)
            calibrations[one.family] = fit_calibration(made[one.family], [stop], recipe=one.recipe)
        return made, calibrations

    def true_values(self, number: int, rows: pd.DataFrame, days: float) -> np.ndarray:
        """What each alternative would earn on average, its conversions within ``days``."""
        true = true_alternatives(self.world, self.day(number), rows[["impression", "ad"]], days)
        names = ("probability", "completion", "skip", "conversion")
        worth = [one.worth for one in OUTCOMES]
        bid = bids(rows["ad"], [self.tables[number]["campaigns"]])
        return bid * (true[list(names)].to_numpy() @ worth)


def nights(world: World, count: int) -> Nights:
    made = [
        {name.split(".")[0]: table for name, table in
         generate_day(world, world.first_day + dt.timedelta(number)).items()}
        for number in range(count)
    ]  # fmt: skip
    history = [
        AD_TARGETING.summarise(
            day=world.first_day + dt.timedelta(number),
            **{name: table[name] for name in ("listens", "impressions", "outcomes", "tracks")},
        )
        for number, table in enumerate(made)
    ]
    return Nights(world, made, history, [AD_TARGETING.pool([one]) for one in history])
