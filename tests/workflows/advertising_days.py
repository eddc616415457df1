"""Small days of advertising on disk, as day-partitioned Parquet: whose labels tests then break.

Six campaigns; phones answer far more often than speakers, and each campaign has its own rate.
"""

import datetime as dt

import numpy as np
import pandas as pd

FIRST = dt.date(2026, 3, 2)
HEALTHY = FIRST + dt.timedelta(7)
"""A night whose labels are whole: five days to learn from, one to stop, one to test."""

LISTENERS = [f"l{number:03d}" for number in range(300)]
CAMPAIGNS = [f"c{number}" for number in range(6)]
SHOWN = 1500


def tables(day, clicked=None):
    """The tables of a day; ``clicked`` says of impressions and their clicks which arrive."""
    dice = np.random.default_rng(1000 + day.toordinal())
    shown = _impressions(day, dice)
    rate = np.where(shown["device"] == "phone", 0.24, 0.03)
    rate = rate * (0.5 + 0.2 * shown["campaign"].str[1:].astype(int))
    answered = pd.Series(dice.random(SHOWN) < rate)
    answered = answered if clicked is None else clicked(shown, answered)
    clicks = shown.loc[answered, ["impression", "listener", "at"]].assign(kind="click")
    return {"impressions": shown, "outcomes": clicks, **_surroundings(day)}


def write(place, day, without=(), clicked=None):
    """Write a day into the deployment's folder of files, but for the tables ``without``."""
    for name, frame in tables(day, clicked).items():
        if name not in without:
            partition = place.folder / "files" / name / f"day={day}"
            partition.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(partition / "part-0.parquet")


def _impressions(day, dice):
    minutes = np.sort(dice.integers(0, 23 * 60, SHOWN))
    ads = dice.integers(0, 12, SHOWN)
    return pd.DataFrame(
        {
            "impression": [f"{day:%m%d}-{row}" for row in range(SHOWN)],
            "listener": dice.choice(LISTENERS, SHOWN),
            "ad": [f"a{ad:02d}" for ad in ads],
            "campaign": [CAMPAIGNS[ad // 2] for ad in ads],
            "advertiser": [f"v{ad // 4}" for ad in ads],
            "format": "audio",
            "slot": dice.choice(["pre", "mid", "end"], SHOWN),
            "break_position": dice.integers(0, 3, SHOWN),
            "at": pd.Timestamp(day) + pd.to_timedelta(minutes, unit="min"),
            "device": dice.choice(["phone", "speaker"], SHOWN),
            "mood": "calm",
            "propensity": np.nan,
        }
    )


def _surroundings(day):
    ads = range(12)
    long_ago, one_day = pd.Timestamp("2020-01-01"), pd.Timestamp(day)
    return {
        "listens": pd.DataFrame(
            {"listener": LISTENERS[:50], "track": "t", "at": one_day, "ms_played": 1000,
             "track_ms": -1, "device": "phone", "context": "album"}),
        "tracks": pd.DataFrame(
            {"track": ["t"], "artist": "x", "genre": "pop", "energy": 0.5, "valence": 0.5,
             "danceability": 0.5, "acousticness": 0.5, "tempo": 100.0, "track_ms": 1000}),
        "campaigns": pd.DataFrame(
            {"ad": [f"a{ad:02d}" for ad in ads], "campaign": [CAMPAIGNS[ad // 2] for ad in ads],
             "advertiser": [f"v{ad // 4}" for ad in ads], "format": "audio", "starts": long_ago,
             "ends": pd.Timestamp("2030-01-01"), "bid_micros": 1000}),
        "listeners": pd.DataFrame(
            {"listener": LISTENERS, "tier": "free", "country": "SE", "joined": long_ago,
             "device": "phone", "age_band": "25-34", "gender": "unknown"}),
        "consent": pd.DataFrame({"listener": LISTENERS, "personalised_ads": True}),
    }  # fmt: skip
