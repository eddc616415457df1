"""A day's sessions: who listens when, for how long, on what and in which mood.

Only a skeleton, and cheap: adverts hang on it, and the exposures of the weeks before a day are
made again from the skeletons of those days.
"""

from dataclasses import dataclass

import numpy as np

from ml.world import chance
from ml.world.habits import HABITS, hour_profiles, shares
from ml.world.population import Population
from ml.world.world import World

HOUR_MS = 3_600_000
SILENCE_MS = 31 * 60_000
"""Half an hour of silence ends a session; two sessions of a listener are further apart."""
WEEKDAYS = (1.04, 1.04, 1.03, 1.045, 1.045, 0.92, 0.90)
PERSONAL_HOURS = 0.45
"""Share of sessions that begin around the listener's own favourite hour."""
SINGLES = 0.12
TRACKS_SPREAD = 1.04


@dataclass(frozen=True)
class Sessions:
    """Arrays with one entry a session, by listener and start; times in ms since the midnight."""

    listener: np.ndarray
    start: np.ndarray
    span: np.ndarray
    tracks: np.ndarray
    mood: np.ndarray
    context: np.ndarray
    device: np.ndarray


def sessions(world: World, people: Population, number: int) -> Sessions:
    """The sessions that begin on day ``number``."""
    day = world.first_day.toordinal() + number
    rng = chance.stream(world.seed, chance.SESSIONS, day)
    habit = people.habit_on(number)
    listener = np.repeat(np.arange(len(habit)), _counts(people, habit, number, day, rng))
    habit = habit[listener]
    tracks = _tracks(people, listener, habit, rng)
    # What a session of so many tracks takes on average; the plays fill it.
    span = tracks * 205_000.0 * (1 - 0.85 * people.skip[listener])
    span = np.round(span * np.exp(rng.normal(0, 0.15, len(span)))).astype("int64")
    start = _starts(people, listener, habit, rng)
    order = np.lexsort((start, listener))
    listener, habit, span, tracks = listener[order], habit[order], span[order], tracks[order]
    return Sessions(
        listener=listener,
        start=_apart(listener, start[order], span),
        span=span,
        tracks=tracks,
        mood=_category([each.moods for each in HABITS], habit, rng),
        context=_category([each.contexts for each in HABITS], habit, rng),
        device=_category([each.devices for each in HABITS], habit, rng),
    )


def _counts(
    people: Population, habit: np.ndarray, number: int, day: int, rng: np.random.Generator
) -> np.ndarray:
    """Sessions of every listener: none on an idle day, over-dispersed on an active one."""
    weekday = (day + 6) % 7
    # Weeks differ for everybody: the same person listens a lot in one, hardly in another.
    week = np.exp(0.38 * chance.normal(np.arange(len(habit)), (day + 6) // 7, 11) - 0.07)
    weekend = np.array([each.weekend for each in HABITS])[habit] if weekday >= 5 else 1.0
    chance_today = np.clip(people.active * WEEKDAYS[weekday] * weekend**0.5 * week**0.3, 0, 0.995)
    mean = np.array([each.sessions for each in HABITS])[habit]
    mean = mean * people.volume * weekend * week * rng.gamma(3.5, 1 / 3.5, len(habit))
    active = (rng.random(len(habit)) < chance_today) & people.here(number)
    return np.where(active, 1 + rng.poisson(mean), 0)


def _tracks(
    people: Population, listener: np.ndarray, habit: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    median = np.array([each.tracks for each in HABITS])[habit]
    median = median * people.volume[listener] ** 0.35
    tracks = np.exp(np.log(median) + TRACKS_SPREAD * rng.normal(size=len(listener)))
    tracks = np.clip(np.round(tracks), 1, 260).astype("int64")
    return np.where(rng.random(len(listener)) < SINGLES, 1, tracks)


def _starts(
    people: Population, listener: np.ndarray, habit: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """When sessions begin, in ms since midnight: the segment's hours, or the listener's own."""
    hour = chance.pick(np.cumsum(hour_profiles(), axis=1), habit, rng.random(len(habit)))
    usual = hour + rng.random(len(habit))
    own = (people.peak[listener] + rng.normal(0, 1.0, len(habit))) % 24
    start = np.where(rng.random(len(habit)) < PERSONAL_HOURS, own, usual)
    return np.minimum(np.floor(start * HOUR_MS), 24 * HOUR_MS - 1).astype("int64")


def _apart(listener: np.ndarray, start: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Sessions of one listener pushed later until silence lies between them."""
    start = start.copy()
    first = np.searchsorted(listener, listener)
    rank = np.arange(len(listener)) - first
    for each in range(1, int(rank.max(initial=0)) + 1):
        at = np.flatnonzero(rank == each)
        start[at] = np.maximum(start[at], start[at - 1] + span[at - 1] + SILENCE_MS)
    return start


def _category(
    rows: list[tuple[float, ...]], habit: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    return chance.pick(np.cumsum(shares(rows), axis=1), habit, rng.random(len(habit)))
