"""A day of the listening world, from the world and the day alone.

What a day needs from earlier ones (how often an advert was met, clicks that convert weeks later)
is made again from their skeletons, never read; later days are never looked at.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.world.adverts import FORMATS, SLOTS, Adverts, adverts, campaigns
from ml.world.aftermath import MAXIMUM_DELAY_DAYS, outcomes
from ml.world.catalogue import Catalogue, catalogue, names, tracks
from ml.world.exposures import DAY_MS, FATIGUE_DAYS, exposures_until, impression_ids
from ml.world.habits import DEVICES, MOODS
from ml.world.plays import plays
from ml.world.population import Population, population
from ml.world.response import parts, probability
from ml.world.sessions import sessions
from ml.world.snapshots import consent, forgotten, listeners
from ml.world.world import World


def generate_day(world: World, day: dt.date) -> dict[str, pd.DataFrame]:
    """Every table of ``day``, by file name, with listeners' ids as the service knows them."""
    number = world.number(day)
    people, ads = population(world), adverts(world, number)
    shown = exposures_until(world, people, ads, number, MAXIMUM_DELAY_DAYS + FATIGUE_DAYS)
    music = catalogue(world)
    return {
        "listens.parquet": _listens(world, people, music, number),
        "impressions.parquet": _impressions(world, people, ads, shown, number),
        "outcomes.parquet": _outcomes(world, people, ads, shown, number),
        "tracks.parquet": tracks(world, music),
        "campaigns.parquet": campaigns(world, number),
        "listeners.parquet": listeners(world, people, number),
        "consent.parquet": consent(people, number),
        "forgotten.parquet": forgotten(world, people, number),
    }


def _listens(world: World, people: Population, music: Catalogue, number: int) -> pd.DataFrame:
    made = []
    for each in range(max(0, number - 1), number + 1):
        rows = plays(world, people, music, sessions(world, people, each), each)
        rows["at"] += each * DAY_MS
        made.append(rows)
    rows = pd.concat(made, ignore_index=True)
    rows = rows[rows["at"] // DAY_MS == number]
    return _told(rows.assign(listener=people.listener[rows["listener"]]), world, "at", "listener")


def _impressions(
    world: World, people: Population, ads: Adverts, shown: pd.DataFrame, number: int
) -> pd.DataFrame:
    rows = shown[shown["at"] // DAY_MS == number]
    ad = rows["ad"].to_numpy()
    told = pd.DataFrame(
        {
            "impression": impression_ids(rows),
            "listener": people.listener[rows["listener"]],
            "ad": names("ad", ad),
            "campaign": names("campaign", ads.campaign[ad]),
            "advertiser": names("advertiser", ads.advertiser[ad]),
            "format": np.array(FORMATS, dtype=object)[rows["format"]],
            "slot": np.array(SLOTS, dtype=object)[rows["slot"]],
            "break_position": rows["position"].to_numpy(),
            "at": rows["at"].to_numpy(),
            "device": np.array(DEVICES, dtype=object)[rows["device"]],
            "mood": np.array(MOODS, dtype=object)[rows["mood"]],
            "propensity": rows["propensity"].to_numpy(),
            "explored": rows["explored"].to_numpy(),
        }
    )
    return _told(told, world, "at", "listener", "impression")


def _outcomes(
    world: World, people: Population, ads: Adverts, shown: pd.DataFrame, number: int
) -> pd.DataFrame:
    found = outcomes(world, people, ads, shown, probability(parts(world, people, ads, shown)))
    found = found[found["at"] // DAY_MS == number]
    of = shown.iloc[found["row"]]
    told = pd.DataFrame(
        {
            "impression": impression_ids(of),
            "listener": people.listener[of["listener"]],
            "kind": found["kind"].to_numpy(),
            "at": found["at"].to_numpy(),
        }
    )
    return _told(told, world, "at", "listener", "impression", "kind")


def _told(rows: pd.DataFrame, world: World, *order: str) -> pd.DataFrame:
    """Rows as a service would file them: real times, by time."""
    start = np.datetime64(world.first_day, "ms")
    rows = rows.assign(at=start + rows["at"].to_numpy().astype("timedelta64[ms]"))
    text = {name: "str" for name in rows.columns if rows[name].dtype == object}
    return rows.sort_values(list(order), kind="stable", ignore_index=True).astype(text)
