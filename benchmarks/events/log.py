"""A service's log, day by day: plays in sessions, adverts between them, rows that are wrong.

Listeners and tracks follow Zipf's law. One row in a thousand comes twice, one in five thousand
breaks a rule of the contract.
"""

import datetime as dt

import numpy as np
import pandas as pd

from benchmarks.events.layout import Job

DAY_MS = 86_400_000
PLAYS = 10
"""Plays a session and, roughly, a listener's day."""
TRACKS = 50_000
GENRES = ("pop", "rock", "indie", "jazz", "techno", "folk", "rap", "soul", "metal", "latin",
          "white noise", "children's songs", "unknown")  # fmt: skip
DEVICES = ("phone", "desktop", "speaker", "tablet", "unknown")
CONTEXTS = ("playlist", "album", "search", "radio", "library", "unknown")


def write(job: Job, events: int) -> None:
    """The tracks, and so many events on each day; a twentieth as many impressions."""
    job.tracks.parent.mkdir(parents=True, exist_ok=True)
    tracks(np.random.default_rng(7)).to_parquet(job.tracks, index=False)
    for number in range(job.days):
        chance = np.random.default_rng([7, number])
        made = {"listens": listens(job.day(number), events, chance),
                "impressions": impressions(job.day(number), events // 20, events, chance)}
        for table, frame in made.items():
            path = job.raw(table, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(path, index=False)


def tracks(chance: np.random.Generator) -> pd.DataFrame:
    """The catalogue: of one track in twenty nobody knows the mood."""
    number = np.arange(TRACKS)
    moods = pd.DataFrame(
        chance.integers(0, 1001, (TRACKS, 4)) / 1000,
        columns=["energy", "valence", "danceability", "acousticness"],
    )
    moods[chance.random(TRACKS) < 0.05] = np.nan
    names = pd.DataFrame({"track": _names("track", number), "artist": _names("artist", number // 8),
                          "genre": np.take(GENRES, chance.integers(0, len(GENRES), TRACKS))})
    return pd.concat([names, moods], axis=1).assign(tempo=120.0, track_ms=_lengths(number))


def listens(day: dt.date, events: int, chance: np.random.Generator) -> pd.DataFrame:
    """Plays in sessions, in the order they arrived."""
    sessions = int(events / PLAYS * 1.25)
    size = chance.geometric(1 / PLAYS, sessions)
    session = np.repeat(np.arange(sessions), size)
    track = _zipf(TRACKS, len(session), chance)
    length = _lengths(track)
    share = np.where(chance.random(len(session)) < 0.25, chance.random(len(session)), 1.0)
    played = (length * share).astype("int64")
    until = np.cumsum(played + 400)
    begun = until - played - 400
    first = begun[np.concatenate([[0], np.cumsum(size)[:-1]])]
    starts = (DAY_MS * chance.beta(2.5, 1.8, sessions)).astype("int64")
    at = starts[session] + begun - first[session]
    frame = pd.DataFrame(
        {
            "listener": _names("listener", _zipf(events // PLAYS, sessions, chance))[session],
            "track": _names("track", track),
            "at": (np.datetime64(day, "ms") + at.astype("timedelta64[ms]")),
            "ms_played": played,
            "track_ms": np.where(chance.random(len(at)) < 0.1, -1, length),
            "device": np.take(DEVICES, session % 7 % len(DEVICES)),
            "context": np.take(CONTEXTS, chance.integers(0, len(CONTEXTS), len(at))),
        }
    )[at < DAY_MS]
    return _spoilt(frame, events, chance)


def impressions(
    day: dt.date, rows: int, events: int, chance: np.random.Generator
) -> pd.DataFrame:
    """Adverts at any time of the day, to anybody."""
    ad = chance.integers(0, 200, rows)
    at = np.sort(chance.integers(0, DAY_MS, rows))
    return pd.DataFrame(
        {
            "impression": [f"{day}-{number}" for number in range(rows)],
            "listener": _names("listener", _zipf(events // PLAYS, rows, chance)),
            "ad": _names("ad", ad),
            "campaign": _names("campaign", ad // 4),
            "advertiser": _names("advertiser", ad // 20),
            "format": "audio",
            "slot": np.take(["pre_roll", "mid_roll"], ad % 2),
            "break_position": chance.integers(0, 3, rows),
            "at": np.datetime64(day, "ms") + at.astype("timedelta64[ms]"),
            "device": np.take(DEVICES, chance.integers(0, len(DEVICES), rows)),
            "mood": "unknown",
        }
    )


def _spoilt(frame: pd.DataFrame, events: int, chance: np.random.Generator) -> pd.DataFrame:
    """So many rows by their moment; some come twice, some break a rule."""
    twice, wrong = events // 1000, events // 5000
    kept = frame.iloc[chance.permutation(len(frame))[: events - twice]].reset_index(drop=True)
    kept.loc[: wrong // 2, "ms_played"] = -5
    kept.loc[wrong // 2 : wrong, "listener"] = "two words"
    again = kept.iloc[wrong + 1 : wrong + 1 + twice]
    return pd.concat([kept, again]).sort_values("at", kind="stable", ignore_index=True)


def _zipf(things: int, count: int, chance: np.random.Generator) -> np.ndarray:
    """Numbers below ``things``, the n-th as often as (n + 20) ** -0.8 says."""
    weight = np.cumsum((np.arange(things) + 20.0) ** -0.8)
    return np.searchsorted(weight, chance.random(count) * weight[-1])


def _lengths(track: np.ndarray) -> np.ndarray:
    """The length of each track in milliseconds, two to six minutes."""
    return 120_000 + track * 7919 % 240_000


def _names(kind: str, numbers: np.ndarray) -> np.ndarray:
    codes, unique = pd.factorize(numbers)
    return np.array([f"{kind}-{number:07d}" for number in unique], dtype=object)[codes]
