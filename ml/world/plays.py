"""The plays of sessions: which track, how long, and skips that come in runs."""

import numpy as np
import pandas as pd

from ml.world import chance
from ml.world.catalogue import Catalogue, names
from ml.world.habits import CONTEXTS, DEVICES, HABITS
from ml.world.population import Population
from ml.world.sessions import Sessions
from ml.world.world import World

SKIP_COPIES = 0.42
"""Chance that a play simply does as the one before it: it is what makes skips come in runs."""
ARTIST_COPIES = 0.19
SHELF = 400
"""Tracks a listener returns to; each place on the shelf changes hands at its own pace."""
SHELF_TAIL = 0.55


def plays(
    world: World, people: Population, music: Catalogue, day: Sessions, number: int
) -> pd.DataFrame:
    """The plays of one day's sessions; ``at`` in ms since that day's midnight, may exceed it."""
    rng = chance.stream(world.seed, chance.PLAYS, world.first_day.toordinal() + number)
    session = np.repeat(np.arange(len(day.listener)), day.tracks)
    first = np.repeat(np.cumsum(day.tracks) - day.tracks, day.tracks)
    position = np.arange(len(session)) - first
    listener = day.listener[session]
    track = _tracks(world, people, music, listener, first, number, rng)
    track_ms = music.track_ms[track]
    skipped = _skips(people, listener, first, position, rng)
    played = np.where(skipped, _skipped_ms(rng, len(session)), _heard_ms(track_ms, rng))
    return pd.DataFrame(
        {
            "listener": listener,
            "track": names("track", track),
            "at": day.start[session] + _offsets(played, first, day.span[session], session),
            "ms_played": played,
            "track_ms": track_ms,
            "device": np.array(DEVICES, dtype=object)[day.device[session]],
            "context": np.array(CONTEXTS, dtype=object)[day.context[session]],
        }
    )


def _tracks(
    world: World,
    people: Population,
    music: Catalogue,
    listener: np.ndarray,
    first: np.ndarray,
    number: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mostly from the listener's shelf, sometimes new, sometimes another by the last artist."""
    habit = people.habit_on(number)[listener]
    n = len(listener)
    shelf = np.cumsum(np.arange(1, SHELF + 1) ** -SHELF_TAIL)
    slot = np.searchsorted(shelf / shelf[-1], rng.random(n), side="right")
    life = 60 + (600 * chance.unit(world.seed, listener, slot, 1)).astype("int64")
    turn = (number + (life * chance.unit(world.seed, listener, slot, 2)).astype("int64")) // life
    known = rng.random(n) < np.array([each.repeat for each in HABITS])[habit]
    draws = [
        np.where(known, chance.unit(world.seed, listener, slot, turn, people.drifts_on[listener]
                                    <= number, which), rng.random(n))
        for which in (3, 4, 5)
    ]  # fmt: skip
    genre = chance.pick(people.taste_on(number), listener, draws[0])
    artist = music.artists(genre, draws[1])
    source = _last(rng.random(n) >= ARTIST_COPIES, first)
    draws[2] = np.where(source != np.arange(n), rng.random(n), draws[2])
    return music.tracks(artist[source], draws[2])


def _skips(
    people: Population,
    listener: np.ndarray,
    first: np.ndarray,
    position: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    n = len(listener)
    by_position = np.select(
        [position == 0, position < 2, position < 5, position < 20, position < 50],
        [1.15, 0.95, 0.90, 0.92, 1.05],
        1.35,
    )
    fresh = rng.random(n) < np.minimum(people.skip[listener] * by_position, 0.95)
    return fresh[_last(rng.random(n) >= SKIP_COPIES, first)]


def _last(fresh: np.ndarray, first: np.ndarray) -> np.ndarray:
    """For every play, the latest play of its session that is ``fresh`` (the first always is)."""
    index = np.arange(len(fresh))
    return np.maximum.accumulate(np.where(fresh | (index == first), index, 0))


def _skipped_ms(rng: np.random.Generator, n: int) -> np.ndarray:
    """Under a second, a few seconds, or up to half a minute: three kinds of skip."""
    kind, within = rng.random(n), rng.random(n)
    low = np.select([kind < 0.29, kind < 0.71], [100, 1000], 5000)
    high = np.select([kind < 0.29, kind < 0.71], [1000, 5000], 30_000)
    return (low + within * (high - low)).astype("int64")


def _heard_ms(track_ms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    part = np.where(rng.random(len(track_ms)) < 0.80, 1.0, rng.random(len(track_ms)))
    return np.maximum(30_000, track_ms * part).astype("int64")


def _offsets(
    played: np.ndarray, first: np.ndarray, span: np.ndarray, session: np.ndarray
) -> np.ndarray:
    """When each play of a session begins: one after another, with pauses that fill the span."""
    ends = np.cumsum(played)
    begins = ends - played
    begins = begins - begins[first] if len(first) else begins
    last = np.searchsorted(session, session, side="right") - 1
    total = begins[last] + played[last]
    return np.floor(begins * np.maximum(1.0, span / np.maximum(total, 1))).astype("int64")
