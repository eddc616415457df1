"""Small days of advertising, written by hand."""

import datetime as dt

import pandas as pd

from ml.families.ad_targeting import summarise
from ml.labels import no_outcomes

DAY = dt.date(2026, 3, 10)


def at(clock: str, day: dt.date = DAY) -> pd.Timestamp:
    return pd.Timestamp(f"{day} {clock}")


def impressions(*shown: tuple[str, str, str], day: dt.date = DAY, **columns) -> pd.DataFrame:
    """Impressions of (listener, ad, clock); an ad belongs to the campaign of its first letter."""
    listeners, ads, clocks = zip(*shown, strict=True) if shown else ((), (), ())
    text = {
        "impression": [f"{day}-{number}" for number in range(len(shown))],
        "listener": listeners,
        "ad": ads,
        "campaign": [ad[:1] for ad in ads],
        "advertiser": ["house" for _ in ads],
        "format": ["audio" for _ in ads],
        "slot": ["midroll" for _ in ads],
        "device": ["phone" for _ in ads],
        "mood": ["unknown" for _ in ads],
    }
    frame = pd.DataFrame(text, dtype="str").assign(break_position=0)
    moments = [at(clock, day) for clock in clocks]
    frame["at"] = pd.Series(moments, dtype="datetime64[ms]", index=frame.index)
    return frame.assign(**columns).astype({"break_position": "int64"})


def outcomes(shown: pd.DataFrame, *answers: tuple[int, str], kind: str = "click", day=DAY):
    """Outcomes of (row of the impression, clock on ``day``)."""
    if not answers:
        return no_outcomes()
    rows, clocks = zip(*answers, strict=True)
    frame = shown.iloc[list(rows)][["impression", "listener"]].reset_index(drop=True)
    moments = pd.Series([at(clock, day) for clock in clocks], dtype="datetime64[ms]")
    return frame.assign(kind=pd.Series(kind, index=frame.index, dtype="str"), at=moments)


def listens(*plays: tuple[str, str, int]) -> pd.DataFrame:
    """Plays of (listener, clock, seconds played) on DAY."""
    listeners, clocks, seconds = zip(*plays, strict=True)
    frame = pd.DataFrame({"listener": listeners}, dtype="str")
    frame["at"] = pd.Series([at(clock) for clock in clocks], dtype="datetime64[ms]")
    return frame.assign(ms_played=[1000 * played for played in seconds])


def summary(shown: pd.DataFrame, answered: pd.DataFrame | None = None, day: dt.date = DAY) -> dict:
    """The day's partials of one shard."""
    none = no_outcomes() if answered is None else answered
    return summarise(day=day, impressions=shown, outcomes=none)


def days_before(count: int, day: dt.date = DAY) -> dt.date:
    return day - dt.timedelta(days=count)
