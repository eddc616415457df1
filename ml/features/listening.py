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

from ml.features import distinct
from ml.features.listening_day import COUNTS, HOURS, MICRO, MOODS

DAY_PARTS = {
    "night": range(6),
    "morning": range(6, 10),
    "midday": range(10, 14),
    "afternoon": range(14, 18),
    "evening": range(18, 22),
    "late_evening": range(22, 24),
}


@dataclass(frozen=True)
class Days:
    """The daily partials of many days (and shards), one row per day and listener (and choice)."""

    listening: pd.DataFrame
    choices: pd.DataFrame


@dataclass(frozen=True)
class Totals:
    """What each listener did in a window: sums by listener, index ``listener`` sorted."""

    sums: pd.DataFrame
    distinct_tracks: pd.Series
    choices: pd.DataFrame


def gather(history: Iterable[dict[str, pd.DataFrame]]) -> Days:
    """All days of ``history`` (summaries of days, in any order) as one table each."""
    listening = [part["listening.parquet"] for part in history]
    choices = [part["choices.parquet"] for part in history]
    if not listening:
        raise ValueError(
            "A window needs the summary of at least one day (an empty day will do), got none; "
            "pass the summaries of the window's days as history."
        )
    return Days(
        pd.concat(listening, ignore_index=True).sort_values(
            ["listener", "day"], kind="stable", ignore_index=True
        ),
        pd.concat(choices, ignore_index=True),
    )


def totals(days: Days, as_of: dt.date, length: int) -> Totals:
    """Sums over the ``length`` days that end with ``as_of``, whose evening is the moment."""
    rows = days.listening[_within(days.listening["day"], as_of, length)]
    codes, listeners = pd.factorize(rows["listener"], sort=True)
    names = pd.Index(np.asarray(listeners, dtype=object), dtype="str", name="listener")
    weekend = rows["day"].dt.day_of_week >= 5
    rows = rows.assign(
        active_days=1, weekend_plays=rows["plays"] * weekend, age=_age(rows["day"], as_of)
    )
    grouped = rows.groupby(codes, sort=True)
    sums = grouped[[*COUNTS, "active_days", "weekend_plays"]].sum().set_axis(names)
    ages = grouped["age"]
    sums["first_age"] = ages.max().to_numpy()
    sums["last_age"] = ages.min().to_numpy()
    heard = distinct.join(codes, rows[list(distinct.SKETCH)].to_numpy(), len(names))
    chosen = days.choices[_within(days.choices["day"], as_of, length)]
    choices = chosen.groupby(["listener", "kind", "value"], sort=True)["plays"].sum().reset_index()
    return Totals(sums, pd.Series(distinct.estimate(heard), index=names), choices)


def behaviour(window: Totals) -> pd.DataFrame:
    """The 28-day features of each listener in ``window`` (float64, index listener).

    active_days_28d            days with at least one play
    plays_28d                  plays
    days_since_last_play       0 when the listener played on the last day
    days_since_first_play      of the days looked at: how long the listener is known
    plays_per_active_day_28d   plays / active days; minutes_per_active_day_28d likewise
    skip_rate_28d              plays under 30 s (not listened through) / plays
    listen_through_rate_28d    plays to 90 % of the track / plays of tracks of known length
    day_repeat_rate_28d        plays of a track already heard the same day / plays
    repeat_share_28d           1 - distinct tracks / plays: comfort against discovery (estimated)
    plays_per_session_28d      plays / sessions; sessions_per_active_day_28d likewise
    single_play_share_28d      sessions of one play / sessions
    <part>_share_28d           plays that start in a part of the day / plays
    hour_concentration_28d     sum of squared shares of hours: 1/24 at any hour, 1 in one hour
    weekend_share_28d          plays on Saturday and Sunday / plays
    <mood>_mean_28d            mean of the tracks' mood, over plays whose track is known
    """
    of = window.sums
    plays, days, sessions = of["plays"], of["active_days"], of["sessions"]
    hours = of[list(HOURS)].to_numpy(dtype=float) / plays.to_numpy()[:, None]
    features = {
        "active_days_28d": days,
        "plays_28d": plays,
        "days_since_last_play": of["last_age"],
        "days_since_first_play": of["first_age"],
        "plays_per_active_day_28d": _ratio(plays, days),
        "minutes_per_active_day_28d": _ratio(of["ms"], 60_000 * days),
        "skip_rate_28d": _ratio(of["skips"], plays),
        "listen_through_rate_28d": _ratio(of["listen_throughs"], of["finishable"]),
        "day_repeat_rate_28d": _ratio(of["repeats"], plays),
        "repeat_share_28d": (1 - _ratio(window.distinct_tracks, plays)).clip(0, 1),
        "plays_per_session_28d": _ratio(plays, sessions),
        "sessions_per_active_day_28d": _ratio(sessions, days),
        "single_play_share_28d": _ratio(of["single_play_sessions"], sessions),
        "hour_concentration_28d": pd.Series((hours**2).sum(axis=1), index=of.index),
        "weekend_share_28d": _ratio(of["weekend_plays"], plays),
    }
    for part, hour_range in DAY_PARTS.items():
        features[f"{part}_share_28d"] = _ratio(
            of[[HOURS[hour] for hour in hour_range]].sum(axis=1), plays
        )
    for mood in MOODS:
        features[f"{mood}_mean_28d"] = _ratio(of[f"{mood}_micro"], MICRO * of["toned"])
    return pd.DataFrame(features, index=of.index).astype(float)


def choice_shares(window: Totals, kind: str, values: Iterable[str]) -> pd.DataFrame:
    """Share of each listener's known plays of ``kind`` that chose each of ``values``.

    Columns are ``<kind>_share_<value>``; listeners without any known choice are missing.
    """
    chosen = window.choices[window.choices["kind"] == kind]
    total = chosen.groupby("listener")["plays"].sum().reindex(window.sums.index)
    shares = {
        f"{kind}_share_{value}": _ratio(
            chosen[chosen["value"] == value]
            .set_index("listener")["plays"]
            .reindex(window.sums.index)
            .fillna(0.0),
            total,
        )
        for value in values
    }
    return pd.DataFrame(shares, index=window.sums.index).astype(float)


def main_choice(window: Totals, kind: str) -> pd.DataFrame:
    """The most played value of ``kind`` and its share; "unknown" and missing without any.

    Columns are ``main_<kind>`` (str) and ``main_<kind>_share``; a tie goes to the first by name.
    """
    chosen = window.choices[window.choices["kind"] == kind]
    total = chosen.groupby("listener")["plays"].sum().reindex(window.sums.index)
    ranked = chosen.sort_values(
        ["listener", "plays", "value"], ascending=[True, False, True], kind="stable"
    )
    top = ranked.drop_duplicates("listener").set_index("listener").reindex(window.sums.index)
    return pd.DataFrame(
        {
            f"main_{kind}": top["value"].fillna("unknown").astype("str"),
            f"main_{kind}_share": _ratio(top["plays"], total).astype(float),
        }
    )


def concentration(window: Totals, kind: str) -> pd.Series:
    """Sum of squared shares of a listener's choices of ``kind`` (Herfindahl): 1 when always one."""
    chosen = window.choices[window.choices["kind"] == kind]
    grouped = chosen.assign(square=chosen["plays"] ** 2).groupby("listener")
    total = grouped["plays"].sum()
    index = _ratio(grouped["square"].sum(), total**2)
    return index.reindex(window.sums.index).astype(float).rename(f"{kind}_concentration_28d")


def _within(day: pd.Series, as_of: dt.date, length: int) -> pd.Series:
    last = pd.Timestamp(as_of)
    return (day <= last) & (day > last - pd.Timedelta(days=length))


def _age(day: pd.Series, as_of: dt.date) -> pd.Series:
    return (pd.Timestamp(as_of) - day).dt.days


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)
