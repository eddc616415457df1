"""Four kinds of listeners one can tell apart in one's head, for tests of segments."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.features import listening_day, session_day
from ml.features.plays import MOODS, described

LAST = dt.date(2026, 1, 25)
KINDS = {
    # hour, share of skips, device, context, plays a day
    "commuter": (8, 0.5, "phone", "playlist", 12),
    "evening": (20, 0.1, "desktop", "album", 12),
    "office": (13, 0.2, "desktop", "radio", 40),
    "sleeper": (2, 0.02, "speaker", "playlist", 8),
}


def truth(listeners: int = 120) -> pd.Series:
    """The kind of each listener: listener-000 commutes, listener-001 listens in the evening, ..."""
    names = pd.Index([f"listener-{number:03d}" for number in range(listeners)], dtype="str")
    return pd.Series([list(KINDS)[number % 4] for number in range(listeners)], index=names)


def tracks() -> pd.DataFrame:
    number = np.arange(200)
    tones = dict.fromkeys(MOODS, number % 10 / 10)
    genre = np.where(number < 100, "ambient", "rock")
    frame = pd.DataFrame({"track": [f"track-{one}" for one in number], "genre": genre, **tones})
    return frame.assign(artist="a", tempo=120.0, track_ms=200_000).astype(
        {"track": "str", "genre": "str", "artist": "str"}
    )


def listens(day: dt.date, listeners: int = 120, seed: int = 0) -> pd.DataFrame:
    """A day of plays: two listeners of three play; a third of what they do is not their habit."""
    random = np.random.default_rng([seed, day.toordinal()])
    kinds = truth(listeners)
    kinds = kinds[random.random(listeners) < 0.67]
    plays = np.array([KINDS[kind][4] for kind in kinds]) + random.integers(-3, 4, len(kinds))
    rows = kinds.repeat(plays)
    hour, skips, device, context, _ = (
        np.array(column) for column in zip(*rows.map(KINDS), strict=True)
    )
    habit = random.random((3, len(rows))) < 0.67
    hour = np.where(habit[0], hour, random.integers(6, 24, len(rows)))
    ms = np.where(random.random(len(rows)) < skips, 10_000, 200_000)
    milliseconds = hour * 3_600_000 + random.integers(0, 3_600_000, len(rows))
    return pd.DataFrame(
        {
            "listener": rows.index,
            "track": [f"track-{one}" for one in random.integers(0, 200, len(rows))],
            "at": (pd.Timestamp(day) + pd.to_timedelta(milliseconds, unit="ms")).astype(
                "datetime64[ms]"
            ),
            "ms_played": ms.astype(np.int64),
            "track_ms": np.int64(200_000),
            "device": np.where(habit[1], device, "phone"),
            "context": np.where(habit[2], context, "search"),
        }
    ).astype({"listener": "str", "track": "str", "device": "str", "context": "str"})


def days(count: int = 14) -> list[dt.date]:
    return [LAST - dt.timedelta(back) for back in reversed(range(count))]


def history(
    count: int = 14, listeners: int = 120, with_tracks: bool = True, seed: int = 0
) -> list[dict]:
    known = tracks() if with_tracks else None
    return [summary(day, listens(day, listeners, seed), known) for day in days(count)]


def summary(day: dt.date, log: pd.DataFrame, known: pd.DataFrame | None = None) -> dict:
    """The day's partials, by listener and by session."""
    plays = described(log, known)
    return listening_day.summary(day, plays) | session_day.summary(day, plays)
