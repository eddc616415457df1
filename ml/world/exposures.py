"""Adverts shown in the breaks of sessions; the same ones whenever a day is made again.

The ad server fills an opportunity (a listener, a moment, a slot) with one of the adverts that run
and whose format fits the slot: mostly by weight, now and then any of them alike. It logs with
which probability it chose the advert that it showed.
"""

import numpy as np
import pandas as pd

from ml.world import chance
from ml.world.adverts import Adverts
from ml.world.population import Population
from ml.world.sessions import HOUR_MS, Sessions, sessions
from ml.world.world import World

BREAKS_PER_HOUR = 0.8
GAP_MS = 30_000
DAY_MS = 24 * HOUR_MS
FATIGUE_DAYS = 7
EXPLORED = 0.05
"""Share of opportunities that are explored: 1 to 2 % where services must pay for every one."""


def exposures(
    world: World, people: Population, ads: Adverts, day: Sessions, number: int
) -> pd.DataFrame:
    """The impressions of the sessions that began on day ``number``, as numbers.

    ``at`` is in ms since the world's first midnight, ``serial`` counts within the day. The
    uniforms ``u_*`` decide what the impression leads to.
    """
    ordinal = world.first_day.toordinal() + number
    rng = chance.stream(world.seed, chance.BREAKS, ordinal)
    hours = day.span / HOUR_MS * BREAKS_PER_HOUR * people.ad_rate[day.listener]
    breaks = rng.poisson(np.where(people.free(number)[day.listener], hours, 0.0))
    session = np.repeat(np.arange(len(breaks)), breaks)
    begins = day.start[session] + np.floor(rng.random(len(session)) * day.span[session])
    length = 1 + (rng.random(len(session)) < 0.45) + (rng.random(len(session)) < 0.18)
    at_break = np.repeat(np.arange(len(session)), length)
    position = np.arange(len(at_break)) - np.searchsorted(at_break, at_break)
    session = session[at_break]
    at = number * DAY_MS + begins[at_break].astype("int64") + position * GAP_MS
    draws = rng.random((len(session), 7))
    chosen = served(ads, at // DAY_MS, draws[:, 0], rng.random((len(session), 2)))
    ad = chosen["ad"].to_numpy()
    return pd.DataFrame(
        {
            "number": number,
            "serial": np.arange(len(session)),
            "listener": day.listener[session],
            **chosen,
            "format": ads.format[ad],
            "slot": _slot(ads.format[ad], draws[:, 1]),
            "position": position,
            "at": at,
            "device": day.device[session],
            "mood": day.mood[session],
            "habit": people.habit_on(number)[day.listener[session]],
            **{f"u_{name}": draws[:, 2 + at] for at, name in enumerate(
                ("click", "delay", "through", "convert", "late"))},
        }
    )  # fmt: skip


def served(ads: Adverts, day: np.ndarray, draws: np.ndarray, luck: np.ndarray) -> pd.DataFrame:
    """The logging policy: for opportunities on days ``day``, ``ad``, ``propensity``, ``explored``.

    ``draws`` choose by weight, which settles what the slot is for and what is shown if nothing is
    explored. ``luck`` (opportunities, 2) says whether to explore, and what then. The propensity
    is exact, given the slot's format: all adverts of it that run may be shown.
    """
    ad, propensity = np.zeros(len(day), "int64"), np.zeros(len(day))
    for each in np.unique(day):
        live, today = ads.live(each), np.flatnonzero(day == each)
        shares = np.cumsum(ads.weight[live]) / ads.weight[live].sum()
        ad[today] = live[np.searchsorted(shares, draws[today], side="right")]
        for kind in np.unique(ads.format[live]):
            fitting = live[ads.format[live] == kind]
            where = today[ads.format[ad[today]] == kind]
            at = np.floor(luck[where, 1] * len(fitting)).astype("int64")
            ad[where] = np.where(luck[where, 0] < EXPLORED, fitting[at], ad[where])
            weight = ads.weight[ad[where]] / ads.weight[fitting].sum()
            propensity[where] = EXPLORED / len(fitting) + (1 - EXPLORED) * weight
    explored = (luck[:, 0] < EXPLORED).astype("int64")
    return pd.DataFrame({"ad": ad, "propensity": propensity, "explored": explored})


def _slot(kind: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Audio runs before or between songs, display beside or at home, video takes over."""
    return np.select(
        [kind == 0, kind == 1], [np.where(draws < 0.3, 0, 1), np.where(draws < 0.6, 2, 3)], 4
    )


def exposures_until(
    world: World, people: Population, ads: Adverts, number: int, memory: int
) -> pd.DataFrame:
    """Impressions of day ``number`` and the ``memory`` days before it, with how often the listener
    had ``met`` the advert.
    """
    # One day more: a session that began before midnight runs on after it.
    days = range(max(0, number - memory - 1), number + 1)
    made = [exposures(world, people, ads, sessions(world, people, each), each) for each in days]
    shown = pd.concat(made, ignore_index=True)
    return shown.assign(met=seen_before(shown, shown))


def impression_ids(shown: pd.DataFrame) -> pd.Series:
    """The ids that the service knows impressions by."""
    number = shown["number"].astype("str") + "-" + shown["serial"].astype("str")
    return ("impression-" + number).reset_index(drop=True)


def seen_before(rows: pd.DataFrame, shown: pd.DataFrame, days: int = FATIGUE_DAYS) -> np.ndarray:
    """How often the listener of each row had been shown its advert in the ``days`` before it."""
    pairs = [each["listener"].to_numpy() * 1_000_003 + each["ad"].to_numpy()
             for each in (rows, shown)]  # fmt: skip
    pair = pd.factorize(np.concatenate(pairs))[0]
    at = np.concatenate([rows["at"].to_numpy(), shown["at"].to_numpy()]) + days * DAY_MS
    # One sorted number line for all pairs: each pair has a stretch of its own.
    place = pair * (at.max(initial=0) + 1) + at
    asked, ordered = place[: len(rows)], np.sort(place[len(rows) :])
    upto = np.searchsorted(ordered, asked, side="left")
    return upto - np.searchsorted(ordered, asked - days * DAY_MS, side="left")
