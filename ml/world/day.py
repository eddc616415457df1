"""A day of the listening world, from the world and the day alone.

What a day needs from earlier ones (how often an advert was met, clicks that convert weeks later)
is made again from their skeletons, never read; later days are never looked at.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.world.adverts import FORMATS, SLOTS, Adverts, adverts, campaigns
from ml.world.aftermath import (
    MAXIMUM_DELAY_DAYS,
    annoyance,
    completion,
    conversion,
    outcomes,
)
from ml.world.catalogue import Catalogue, catalogue, names, tracks
from ml.world.exposures import DAY_MS, FATIGUE_DAYS, exposures
from ml.world.habits import DEVICES, HABITS, MOODS
from ml.world.plays import plays
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
from ml.world.sessions import sessions
from ml.world.snapshots import consent, forgotten, listeners
from ml.world.world import World

CONVERSION_DAYS = 7


def generate_day(world: World, day: dt.date) -> dict[str, pd.DataFrame]:
    """Every table of ``day``, by file name, with listeners' ids as the service knows them."""
    number = world.number(day)
    people, ads = population(world), adverts(world, number)
    shown = _shown(world, people, ads, number)
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


def true_probabilities(world: World, day: dt.date) -> pd.DataFrame:
    """The chance of every outcome of each impression of ``day``, and the parts of a click.

    Columns: impression, listener (as the service knows it), probability (of a click), completion,
    skip (or mute), conversion (within CONVERSION_DAYS of the impression), then the parts.
    """
    number = world.number(day)
    people, ads = population(world), adverts(world, number)
    shown = _shown(world, people, ads, number, memory=FATIGUE_DAYS)
    logit = parts(world, people, ads, shown)
    today = (shown["at"] // DAY_MS == number).to_numpy()
    click, annoyed = probability(logit), annoyance(world, people, ads, shown)
    found = pd.DataFrame(
        {
            "impression": _impression_ids(world, shown),
            "person": people.listener[shown["listener"]],
            "probability": click,
            "completion": completion(shown, annoyed),
            "skip": annoyed,
            "conversion": conversion(world, ads, shown, click, CONVERSION_DAYS),
        }
    )
    found = pd.concat([found.rename(columns={"person": "listener"}), logit.add_prefix("logit_")],
                      axis=1)  # fmt: skip
    return found[today].reset_index(drop=True)


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


def _shown(
    world: World, people: Population, ads: Adverts, number: int, memory: int | None = None
) -> pd.DataFrame:
    """Impressions of the days that can still matter on day ``number``, that day included."""
    memory = MAXIMUM_DELAY_DAYS + FATIGUE_DAYS if memory is None else memory
    # One day more: a session that began before midnight runs on after it.
    days = range(max(0, number - memory - 1), number + 1)
    made = [exposures(world, people, ads, sessions(world, people, each), each) for each in days]
    return pd.concat(made, ignore_index=True)


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
            "impression": _impression_ids(world, rows),
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
    found = outcomes(
        world, people, ads, shown, probability(parts(world, people, ads, shown))
    )
    found = found[found["at"] // DAY_MS == number]
    of = shown.iloc[found["row"]]
    told = pd.DataFrame(
        {
            "impression": _impression_ids(world, of),
            "listener": people.listener[of["listener"]],
            "kind": found["kind"].to_numpy(),
            "at": found["at"].to_numpy(),
        }
    )
    return _told(told, world, "at", "listener", "impression", "kind")


def _impression_ids(world: World, shown: pd.DataFrame) -> pd.Series:
    number = shown["number"].astype("str") + "-" + shown["serial"].astype("str")
    return ("impression-" + number).reset_index(drop=True)


def _told(rows: pd.DataFrame, world: World, *order: str) -> pd.DataFrame:
    """Rows as a service would file them: real times, by time."""
    start = np.datetime64(world.first_day, "ms")
    rows = rows.assign(at=start + rows["at"].to_numpy().astype("timedelta64[ms]"))
    text = {name: "str" for name in rows.columns if rows[name].dtype == object}
    return rows.sort_values(list(order), kind="stable", ignore_index=True).astype(text)
