"""How words should reach the trees: as LightGBM's categories, as ordinal codes, or as rates.

``python -m benchmarks.categorical [--listeners 6000] [--seeds 3]``. On examples of ad targeting on
listening worlds, and on a planted matrix: 8 days to learn, 1 to stop and calibrate, 3 to test, in
time order. *Categories*: ``categorical_feature``, as the families do. *Codes*: the position in the
sorted vocabulary, taken for a number. *Rates*: each word's smoothed rate on the days before, for
the days to learn from; so no row's own label is in it. The differences are of normalized entropy,
in percent, with a 95 % interval by listener; below zero is better than categories.
"""

import argparse
import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.judging import judged, percent
from benchmarks.listening import days_of_examples
from benchmarks.planted import RECIPE, day_of_examples
from ml.baselines import smoothed_rates
from ml.families.ad_targeting import AD_TARGETING
from ml.family import ModelRecipe
from ml.world import World

DAYS = 12
PLANTED_ROWS = 20_000


def as_categories(days: list[pd.DataFrame], names: tuple[str, ...]) -> list[pd.DataFrame]:
    """The days as they are."""
    return days


def as_codes(days: list[pd.DataFrame], names: tuple[str, ...]) -> list[pd.DataFrame]:
    """Words as their position among the sorted words of the days to learn from."""
    learnt = pd.concat(days[:8])
    found = [day.copy() for day in days]
    for name in names:
        words = pd.Index(sorted(learnt[name].dropna().unique()))
        for day in found:
            codes = words.get_indexer(pd.Index(day[name]))
            day[name] = np.where(codes < 0, np.nan, codes).astype("float32")
    return found


def as_rates(days: list[pd.DataFrame], names: tuple[str, ...]) -> list[pd.DataFrame]:
    """Words as their smoothed rate on the earlier days, at most those to learn from."""
    found = [day.copy() for day in days]
    for at, day in enumerate(found):
        earlier = pd.concat(days[: min(at, 8)]) if at else None
        for name in names:
            day[name] = (
                np.float32(np.nan) if earlier is None
                else smoothed_rates(earlier, days[at], (name,)).astype("float32")
            )
    return found


WAYS = {"categories": as_categories, "codes": as_codes, "rates": as_rates}


def data(listeners: int, seeds: int) -> Iterator[tuple[str, ModelRecipe, list[pd.DataFrame]]]:
    """What is measured on: a name, a recipe, and days of examples."""
    for seed in range(7, 7 + seeds):
        days = list(days_of_examples(World(listeners=listeners, seed=seed), DAYS + 1))
        yield f"world, seed {seed}", AD_TARGETING.model, days[-DAYS:]
    planted = [day_of_examples(at, PLANTED_ROWS) for at in range(DAYS)]
    yield "planted", dataclasses.replace(RECIPE, rounds=400, patience=30), planted


def main() -> None:
    """Train every way on everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=6000)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    print(f"{'data':16}{'words as':12}{'CPU s':>7}{'trees':>7}{'NE':>9}   difference in %")
    for name, recipe, days in data(asked.listeners, asked.seeds):
        usual = None
        for way, turn in WAYS.items():
            turned = turn(days, recipe.categorical)
            kept = recipe.categorical if way == "categories" else ()
            recipe_of_way = dataclasses.replace(recipe, categorical=kept)
            found = judged(turned[:8], turned[8:9], turned[9:], recipe_of_way)
            usual = usual or found
            print(f"{name:16}{way:12}{found.seconds:>7.1f}{found.trees:>7}{found.entropy():>9.4f}"
                  f"   {percent(found.against(usual))}", flush=True)


if __name__ == "__main__":
    main()
