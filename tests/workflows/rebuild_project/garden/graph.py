"""What needs what: two kinds of source, five layers, a diamond, a window of three days."""

import functools

import luigi

from garden import beds, growing, market
from garden.families import FAMILIES
from tasks.engine import ArtifactTask, SourceTask


class Soil(SourceTask):
    """The beds, written by hand every spring."""

    def path(self):
        return "data/soil.json"


class Rain(SourceTask):
    """The gauge's readings of a day."""

    day = luigi.IntParameter()

    def path(self):
        return f"data/rain-{self.day}.json"


class Beds(ArtifactTask):
    """The beds in order."""

    def requires(self):
        return {"soil": Soil()}

    def recipe(self):
        return beds.layout


class Rainfall(ArtifactTask):
    """One day's rain."""

    day = luigi.IntParameter()

    def requires(self):
        return {"rain": Rain(day=self.day)}

    def recipe(self):
        return beds.measure


class Watered(ArtifactTask):
    """What a day's rain left in each bed."""

    day = luigi.IntParameter()

    def requires(self):
        return {"beds": Beds(), "rainfall": Rainfall(day=self.day)}

    def recipe(self):
        return growing.water


class Growth(ArtifactTask):
    """What three days of rain made of each bed."""

    day = luigi.IntParameter()

    def requires(self):
        window = range(self.day - 2, self.day + 1)
        return {"beds": Beds(), "week": [Rainfall(day=day) for day in window]}

    def recipe(self):
        return functools.partial(growing.grow, thirst=2)


class Harvest(ArtifactTask):
    """One family's harvest of a day."""

    family = luigi.Parameter()
    day = luigi.IntParameter()

    def requires(self):
        return {"growth": Growth(day=self.day), "watered": Watered(day=self.day)}

    def recipe(self):
        return functools.partial(market.gather, family=FAMILIES[self.family])


class Stall(ArtifactTask):
    """The market stall of a day."""

    day = luigi.IntParameter()
    notify = luigi.Parameter(default="nobody", significant=False)

    def requires(self):
        return {"harvests": {name: Harvest(family=name, day=self.day) for name in FAMILIES}}

    def recipe(self):
        return market.lay_out
