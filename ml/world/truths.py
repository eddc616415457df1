"""What is planted in the listening world: for tests and measurements, never for a model."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.world.adverts import Adverts, adverts
from ml.world.aftermath import annoyance, completion, conversion
from ml.world.catalogue import names
from ml.world.exposures import (
    DAY_MS,
    FATIGUE_DAYS,
    exposures_until,
    impression_ids,
    seen_before,
)
from ml.world.habits import HABITS
from ml.world.population import NEVER, Population, population
from ml.world.response import (
    AFFINITY,
    FATIGUE,
    HOURS,
    INTERCEPT,
    MOOD,
    POSITION,
    SLOT,
    parts,
    probability,
)
from ml.world.world import World

CONVERSION_DAYS = 7


def true_probabilities(world: World, day: dt.date) -> pd.DataFrame:
    """The chance of every outcome of each impression of ``day``, and the parts of a click.

    Columns: impression, listener (as the service knows it), probability (of a click), completion,
    skip (or mute), conversion (within CONVERSION_DAYS of the impression), then the parts.
    """
    people, ads, shown, today = _shown(world, day)
    found = _chances(world, people, ads, shown, CONVERSION_DAYS)
    return found[today].reset_index(drop=True)


def true_alternatives(
    world: World, day: dt.date, pairs: pd.DataFrame, days: float = CONVERSION_DAYS
) -> pd.DataFrame:
    """As :func:`true_probabilities`, had each ``impression`` of ``pairs`` been one of its ``ad``.

    All else is as it was: the moment, the slot, and what the listener had met before. Rows are
    those of ``pairs``, whose adverts fit the slot; conversions count within ``days``. Raises
    ValueError for an impression that is not of ``day``.
    """
    people, ads, shown, today = _shown(world, day)
    rows = pd.Index(impression_ids(shown)).get_indexer(pd.Index(pairs["impression"]))
    if (rows < 0).any() or not today[rows].all():
        raise ValueError(f"Expected impressions of {day}; some of the pairs name others.")
    every = np.arange(len(ads.campaign))
    ad = pd.Index(names("ad", every)).get_indexer(pd.Index(pairs["ad"]))
    instead = shown.iloc[rows].assign(ad=ad).reset_index(drop=True)
    instead = instead.assign(met=seen_before(instead, shown))
    return _chances(world, people, ads, instead, days).assign(ad=pairs["ad"].to_numpy())


def _shown(world: World, day: dt.date) -> tuple[Population, Adverts, pd.DataFrame, np.ndarray]:
    """People, adverts, the impressions that still matter on ``day``, and which are of ``day``."""
    number = world.number(day)
    people, ads = population(world), adverts(world, number)
    shown = exposures_until(world, people, ads, number, FATIGUE_DAYS)
    return people, ads, shown, (shown["at"] // DAY_MS == number).to_numpy()


def _chances(
    world: World, people: Population, ads: Adverts, shown: pd.DataFrame, days: float
) -> pd.DataFrame:
    logit = parts(world, people, ads, shown)
    click, annoyed = probability(logit), annoyance(world, people, ads, shown)
    found = pd.DataFrame(
        {
            "impression": impression_ids(shown),
            "listener": people.listener[shown["listener"]],
            "probability": click,
            "completion": completion(shown, annoyed),
            "skip": annoyed,
            "conversion": conversion(world, ads, shown, click, days),
        }
    )
    return pd.concat([found, logit.add_prefix("logit_")], axis=1)


def truth(world: World) -> dict:
    """What is planted: spells of segments by listener, and the coefficients of clicking."""
    people = population(world)
    names_of = np.array([habit.name for habit in HABITS], dtype=object)
    first = pd.Timestamp(world.first_day)
    drifts = people.drifts_on < NEVER
    spells = pd.concat(
        [
            pd.DataFrame({"listener": people.listener, "segment": names_of[people.habit],
                          "since": first}),
            pd.DataFrame({"listener": people.listener[drifts],
                          "segment": names_of[people.later_habit[drifts]],
                          "since": first + pd.to_timedelta(people.drifts_on[drifts], unit="D")}),
        ]
    ).sort_values(["listener", "since"], ignore_index=True)  # fmt: skip
    return {
        "segments.parquet": spells.astype({"listener": "str", "segment": "str",
                                           "since": "datetime64[ms]"}),
        "click.json": {
            "intercept": INTERCEPT,
            "hours": list(HOURS),
            "mood": dict(MOOD),
            "slot": dict(SLOT),
            "position": POSITION,
            "fatigue": FATIGUE,
            "affinity": AFFINITY,
            "segment": {habit.name: habit.click for habit in HABITS},
        },
    }  # fmt: skip
