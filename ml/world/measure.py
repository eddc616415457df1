"""The world's own figures, by the keys of ``marginals.py``."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.world.aftermath import conversion_delay
from ml.world.day import generate_day
from ml.world.world import World

Figures = dict[str, tuple[float, ...]]
HALF_HOUR = pd.Timedelta(minutes=30)
DECILES = (0.1, 0.5, 0.9)


def measure(world: World, first: dt.date, count: int) -> Figures:
    """Every figure, over ``count`` days from ``first``."""
    days = [generate_day(world, first + dt.timedelta(each)) for each in range(count)]
    tables = {
        name: pd.concat([day[f"{name}.parquet"] for day in days], ignore_index=True)
        for name in ("listens", "impressions", "outcomes")
    }
    last = days[-1]
    listens = _with_sessions(tables["listens"].merge(last["tracks.parquet"][["track", "artist"]]))
    settled = last["listeners.parquet"].query("joined < @first")["listener"]
    free = last["listeners.parquet"].query("tier == 'free'")["listener"]
    return {
        **_volume(listens, settled, count),
        **_sessions(listens),
        **_hours(listens),
        **_skips(listens),
        **_music(listens, tables["listens"], last["tracks.parquet"]),
        **_adverts(tables, listens[listens["listener"].isin(free)], days),
        "conversions": conversions(),
    }


def conversions() -> tuple[float, float, float]:
    """Share of conversions within an hour, within a day, after two weeks, by the planted law."""
    hours = conversion_delay(pd.Series((np.arange(10_000) + 0.5) / 10_000)) / 3_600_000
    return float((hours < 1).mean()), float((hours < 24).mean()), float((hours > 336).mean())


def _deciles(values: pd.Series) -> tuple[float, ...]:
    return tuple(float(value) for value in values.quantile(DECILES))


def _with_sessions(listens: pd.DataFrame) -> pd.DataFrame:
    """Listens in order, with ``day``, ``session``, ``place`` in it, and ``skipped``."""
    ordered = listens.sort_values(["listener", "at"], kind="stable", ignore_index=True)
    ends = ordered["at"] + pd.to_timedelta(ordered["ms_played"], unit="ms")
    silence = ordered["at"] - ends.shift()
    other = ordered["listener"] != ordered["listener"].shift()
    session = (other | (silence > HALF_HOUR)).cumsum()
    return ordered.assign(
        day=ordered["at"].dt.normalize(),
        session=session,
        silence=silence.where(~other),
        place=ordered.groupby(session).cumcount(),
        skipped=ordered["ms_played"] < 30_000,
    )


def _volume(listens: pd.DataFrame, settled: pd.Series, count: int) -> Figures:
    daily = listens.groupby(["listener", "day"]).agg(
        plays=("at", "size"), ms=("ms_played", "sum"), sessions=("session", "nunique")
    )
    known = daily["plays"].unstack(fill_value=0).reindex(settled).dropna()
    wide = known.to_numpy(dtype="float64")
    dispersion = pd.Series(wide.var(axis=1, ddof=1) / np.maximum(wide.mean(axis=1), 1e-9))
    active = wide > 0
    week = np.array([active[:, at + 1 : at + 8].any(axis=1) for at in range(count - 7)])
    return {
        "plays": _deciles(daily["plays"]),
        "plays_mean": (float(daily["plays"].mean()),),
        "minutes": _deciles(daily["ms"] / 60_000),
        "active": _deciles(pd.Series(active.mean(axis=1))),
        "dispersion": _deciles(dispersion[wide.sum(axis=1) > 0]),
        "sessions": _deciles(daily["sessions"]),
        "again": (
            float(active[:, 1:][active[:, :-1]].mean()),
            float(week.T[active[:, : count - 7]].mean()),
        ),
    }


def _sessions(listens: pd.DataFrame) -> Figures:
    each = listens.groupby("session").agg(plays=("at", "size"), ms=("ms_played", "sum"))
    gaps = listens.loc[listens["silence"] > HALF_HOUR, "silence"].dt.total_seconds() / 3600
    return {
        "tracks": _deciles(each["plays"]),
        "tracks_mean": (float(each["plays"].mean()),),
        "singles": (float((each["plays"] == 1).mean()),),
        "session_minutes": _deciles(each["ms"] / 60_000),
        "gap": _deciles(gaps),
    }


def _hours(listens: pd.DataFrame) -> Figures:
    hour = listens["at"].dt.hour
    table = pd.crosstab(listens["listener"], hour)
    often = table[table.sum(axis=1) >= 50]
    spread = often.div(often.sum(axis=1), axis=0).std().mean()
    weekend = (listens["day"].dt.day_of_week >= 5).mean()
    between = {"night": (2, 5), "day": (8, 17), "evening": (18, 23)}
    shares = {name: (float(hour.between(*ends).mean()),) for name, ends in between.items()}
    return {**shares, "hour_spread": (float(spread),), "weekend": (float(weekend),)}


def _skips(listens: pd.DataFrame) -> Figures:
    skipped, place, ms = listens["skipped"], listens["place"], listens["ms_played"]
    before = skipped.shift(fill_value=False)
    inside = place > 0
    by_listener = listens.groupby("listener")["skipped"].agg(["mean", "size"])
    return {
        "skips": (float(skipped.mean()),),
        "instant": (float((ms < 5000).mean()),),
        "blink": (float((ms < 1000).mean()),),
        "skips_by_listener": _deciles(by_listener.query("size >= 30")["mean"]),
        "skip_runs": (float(skipped[inside & before].mean()),
                      float(skipped[inside & ~before].mean())),
        "skip_first": (float(skipped[place == 0].mean()),
                       float(skipped[place.between(5, 19)].mean()),
                       float(skipped[place >= 50].mean())),
    }  # fmt: skip


def _music(listens: pd.DataFrame, plays: pd.DataFrame, tracks: pd.DataFrame) -> Figures:
    same = listens["artist"] == listens["artist"].shift()
    by_artist = listens["artist"].value_counts().reindex(tracks["artist"].unique(), fill_value=0)
    by_track = plays["track"].value_counts()
    counts = np.sort(by_artist.to_numpy())
    n = len(counts)
    gini = 2 * (np.arange(1, n + 1) * counts).sum() / (n * counts.sum()) - (n + 1) / n
    per = listens.groupby(["listener", "artist"]).size().sort_values(ascending=False)
    ten = per.groupby("listener").head(10).groupby("listener").sum()
    total = per.groupby("listener").sum()
    return {
        "same_artist": (float(same[listens["place"] > 0].mean()),),
        "top_artists": _top(by_artist),
        "artist_gini": (float(gini),),
        "top_tracks": _top(by_track),
        "ten_artists": _deciles((ten / total)[total >= 200]),
    }


def _top(counts: pd.Series) -> tuple[float, float]:
    ordered = counts.sort_values(ascending=False)
    first, tenth = (max(1, round(len(ordered) * share)) for share in (0.01, 0.10))
    return (
        float(ordered.iloc[:first].sum() / ordered.sum()),
        float(ordered.iloc[:tenth].sum() / ordered.sum()),
    )


def _adverts(tables: dict[str, pd.DataFrame], heard: pd.DataFrame, days: list[dict]) -> Figures:
    shown, outcomes = tables["impressions"], tables["outcomes"]
    clicks = outcomes.loc[outcomes["kind"] == "click", "impression"]
    clicked = shown["impression"].isin(clicks)
    by_ad = clicked.groupby(shown["ad"]).agg(["mean", "size"])
    by_slot = clicked.groupby(shown["slot"]).mean()
    seen: set[str] = set()
    new = []
    for day in days:
        today = set(day["impressions.parquet"]["ad"])
        new.append(len(today - seen) / max(len(today), 1))
        seen |= today
    return {
        "adverts": (len(shown) / (heard["ms_played"].sum() / 3_600_000),),
        "clicks": (float(clicked.mean()),),
        "ad_clicks": _deciles(by_ad.query("size >= 200")["mean"]),
        "slot_clicks": (float(by_slot.min()), float(by_slot.max())),
        "new_ads": (float(np.mean(new[2:])),),
        "advertisers": (_top(shown["advertiser"].value_counts())[1],),
    }
