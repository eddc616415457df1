"""How a listener listens, as of the end of a day: sums of days, divided last.

A share or a rate with nothing to divide by is missing, not zero: silence is not patience. The
names say ``28d`` for the window that is looked at; a listener who joined three days ago simply
has three days in it, and ``days_since_first_play`` and ``plays_28d`` say how much is behind a
figure.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.features import distinct, functional
from ml.features.day_parts import DAY_PARTS, HOURS
from ml.features.listening_day import (
    ARTIST_SKETCH,
    COUNTS,
    QUADRANTS,
    TRACK_SKETCH,
)
from ml.features.plays import MICRO, MOODS

NEW_DAYS = 7
"""What was first heard in the window's last seven days is new."""


@dataclass(frozen=True)
class Days:
    """The daily partials of many days (and shards), one row per day and listener (and choice).

    Of sessions instead of days there may be several rows a day.
    """

    listening: pd.DataFrame
    choices: pd.DataFrame


@dataclass(frozen=True)
class Totals:
    """What each listener did in a window: sums by listener, index ``listener`` sorted.

    ``distinct`` has (about) how many tracks and artists were heard, and of those of the window's
    last seven days how many were never heard before in it: ``tracks``, ``recent_tracks``,
    ``new_tracks``, and the same of artists.
    """

    sums: pd.DataFrame
    distinct: pd.DataFrame
    choices: pd.DataFrame


def gather(history: Iterable[dict[str, pd.DataFrame]]) -> Days:
    """All days of ``history`` (summaries of days, in any order) as one table each."""
    return _gathered(list(history), "listening.parquet", "choices.parquet", ["listener", "day"])


def gather_sessions(history: Iterable[dict[str, pd.DataFrame]]) -> Days:
    """The sessions of all days of ``history``, of those listeners whose sessions are kept."""
    keys = ["listener", "day", "session"]
    return _gathered(list(history), "sessions.parquet", "session_choices.parquet", keys)


def window_of(days: Days, as_of: dt.date, length: int) -> Days:
    """What of ``days`` lies in the ``length`` days that end with ``as_of``."""
    rows, choices = days.listening, days.choices
    return Days(rows[_within(rows["day"], as_of, length)].reset_index(drop=True),
                choices[_within(choices["day"], as_of, length)].reset_index(drop=True))  # fmt: skip


def last_sessions(days: Days, count: int) -> Days:
    """Of each listener's sessions the ``count`` last."""
    rows = days.listening
    place = rows.groupby("listener").cumcount(ascending=False)
    kept = rows[(place < count).to_numpy()].reset_index(drop=True)
    keys = ["listener", "day", "session"]
    return Days(kept, days.choices.merge(kept[keys], on=keys))


def totals(days: Days, as_of: dt.date, length: int) -> Totals:
    """Sums over the ``length`` days that end with ``as_of``, whose evening is the moment."""
    seen = window_of(days, as_of, length)
    rows, chosen = seen.listening, seen.choices
    codes, listeners = pd.factorize(rows["listener"], sort=True)
    names = pd.Index(np.asarray(listeners, dtype=object), dtype="str", name="listener")
    weekend = (rows["day"].dt.day_of_week >= 5).astype("int64")
    rows = rows.assign(
        active_days=(~rows.duplicated(["listener", "day"])).astype("int64"),
        **{f"weekend_{name}": rows[name] * weekend for name in ("timed", "skips")},
        age=_age(rows["day"], as_of),
    )
    grouped = rows.groupby(codes, sort=True)
    sums = grouped[[*COUNTS, "active_days", "weekend_timed", "weekend_skips"]].sum()
    sums = sums.set_axis(names)
    ages = grouped["age"]
    sums["first_age"] = ages.max().to_numpy()
    sums["last_age"] = ages.min().to_numpy()
    counts = [name for name in ("plays", "taste_plays", "skips") if name in chosen]
    choices = chosen.groupby(["listener", "kind", "value"], sort=True)[counts].sum().reset_index()
    return Totals(sums, _distinct(rows, codes, names), choices)


def behaviour(window: Totals) -> pd.DataFrame:
    """The 28-day features of each listener in ``window`` (float64, index listener).

    active_days_28d            days with at least one play
    plays_28d                  plays
    days_since_last_play       0 when the listener played on the last day
    days_since_first_play      of the days looked at: how long the listener is known
    plays_per_active_day_28d   plays / active days; minutes_per_active_day_28d likewise
    skip_rate_28d              plays under 30 s (not listened through) / plays
    skip_rate_<part>_28d       the same of plays begun in a part of the day, or on the weekend
    listen_through_rate_28d    plays to 90 % of the track / plays of tracks of known length
    day_repeat_rate_28d        plays of a track already heard the same day / plays
    repeat_share_28d           1 - distinct tracks / plays: comfort against discovery (estimated)
    new_track_share_28d        of the tracks of the last 7 days, those not heard before in the
                               window (estimated); new_artist_share_28d likewise of artists
    artist_variety_28d         distinct artists / distinct tracks (estimated)
    plays_per_session_28d      plays / sessions; sessions_per_active_day_28d likewise
    session_minutes_28d        minutes from a session's begin to its end, on average
    single_play_share_28d      sessions of one play / sessions; long_session_share_28d of 20 or more
    <part>_share_28d           plays that start in a part of the day / plays
    hour_concentration_28d     sum of squared shares of hours: 1/24 at any hour, 1 in one hour
    weekend_share_28d          plays on Saturday and Sunday / plays
    functional_<kind>_share_28d  plays for a purpose / plays of known tracks
    <mood>_mean_28d            mean of the tracks' mood, over plays for no purpose whose track is
                               known; mood_<quadrant>_share_28d the share of each mood
    """
    of = window.sums
    timed, days, sessions = of["timed"], of["active_days"], of["sessions"]
    listened = timed > 0
    features = {
        "active_days_28d": days.where(listened),
        "plays_28d": of["plays"],
        "days_since_last_play": of["last_age"].where(listened),
        "days_since_first_play": of["first_age"].where(listened),
        "plays_per_active_day_28d": _ratio(timed, days).where(listened),
        "minutes_per_active_day_28d": _ratio(of["ms"], 60_000 * days).where(listened),
        "skip_rate_28d": _ratio(of["skips"], timed),
        "listen_through_rate_28d": _ratio(of["listen_throughs"], of["finishable"]),
        "day_repeat_rate_28d": _ratio(of["repeats"], timed),
        **_discovery(window),
        "plays_per_session_28d": _ratio(timed, sessions),
        "session_minutes_28d": _ratio(of["session_ms"], 60_000 * sessions),
        "sessions_per_active_day_28d": _ratio(sessions, days).where(listened),
        "single_play_share_28d": _ratio(of["single_play_sessions"], sessions),
        "long_session_share_28d": _ratio(of["long_sessions"], sessions),
        **_hours(of),
        **_purposes(of),
    }
    return pd.DataFrame(features, index=of.index).astype(float)


def _discovery(window: Totals) -> dict[str, pd.Series]:
    of, heard = window.sums, window.distinct
    # Who was heard in the last seven days alone has nothing that could be old.
    judged = of["first_age"] >= NEW_DAYS
    new = {
        f"new_{one}_share_28d": _ratio(heard[f"new_{one}s"], heard[f"recent_{one}s"])
        .clip(0, 1).where(judged)
        for one in ("track", "artist")
    }  # fmt: skip
    return {
        "repeat_share_28d": (1 - _ratio(heard["tracks"], of["timed"])).clip(0, 1),
        **new,
        "artist_variety_28d": _ratio(heard["artists"].where(heard["artists"] > 0),
                                     heard["tracks"]).clip(0, 1),
    }  # fmt: skip


def _hours(of: pd.DataFrame) -> dict[str, pd.Series]:
    timed = of["timed"]
    shares = of[list(HOURS)].to_numpy(dtype=float) / timed.where(timed > 0).to_numpy()[:, None]
    features = {
        "hour_concentration_28d": pd.Series((shares**2).sum(axis=1), index=of.index),
        "weekend_share_28d": _ratio(of["weekend_timed"], timed),
        "skip_rate_weekend_28d": _ratio(of["weekend_skips"], of["weekend_timed"]),
    }
    for part, hours in DAY_PARTS.items():
        plays = of[[HOURS[hour] for hour in hours]].sum(axis=1)
        features[f"{part}_share_28d"] = _ratio(plays, timed)
        features[f"skip_rate_{part}_28d"] = _ratio(of[f"skips_{part}"], plays)
    return features


def _purposes(of: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        **{f"functional_{kind}_share_28d": _ratio(of[f"functional_{kind}"], of["described"])
           for kind in functional.KINDS},
        **{f"{mood}_mean_28d": _ratio(of[f"{mood}_micro"], MICRO * of["toned"]) for mood in MOODS},
        **{f"mood_{quadrant}_share_28d": _ratio(of[f"mood_{quadrant}"], of["toned"])
           for quadrant in QUADRANTS},
    }  # fmt: skip


def _distinct(rows: pd.DataFrame, codes: np.ndarray, names: pd.Index) -> pd.DataFrame:
    recent = (rows["age"] < NEW_DAYS).to_numpy()
    found = {}
    for one, columns in (("tracks", TRACK_SKETCH), ("artists", ARTIST_SKETCH)):
        bitmaps = rows[list(columns)].to_numpy()
        late = distinct.join(codes[recent], bitmaps[recent], len(names))
        early = distinct.join(codes[~recent], bitmaps[~recent], len(names))
        found[one] = distinct.estimate(late | early)
        found[f"recent_{one}"] = distinct.estimate(late)
        found[f"new_{one}"] = distinct.estimate_new(late, early)
    return pd.DataFrame(found, index=names)


def _within(day: pd.Series, as_of: dt.date, length: int) -> pd.Series:
    last = pd.Timestamp(as_of)
    return (day <= last) & (day > last - pd.Timedelta(days=length))


def _age(day: pd.Series, as_of: dt.date) -> pd.Series:
    return (pd.Timestamp(as_of) - day).dt.days


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)


def _gathered(
    history: list[dict[str, pd.DataFrame]], listening: str, choices: str, order: list[str]
) -> Days:
    if not history:
        raise ValueError(
            "A window needs the summary of at least one day (an empty day will do), got none; "
            "pass the summaries of the window's days as history."
        )
    rows = pd.concat([part[listening] for part in history], ignore_index=True)
    return Days(
        rows.sort_values(order, kind="stable", ignore_index=True),
        pd.concat([part[choices] for part in history], ignore_index=True),
    )
