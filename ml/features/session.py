"""Where in a listening session an ad opportunity is: what went before, without half an hour's gap.

A session is made of the plays that had ended and the ads that were shown on the same day, each
less than 30 minutes after the one before. Midnight cuts it, as it cuts the logs.
"""

import pandas as pd

from ml.features.before import before
from ml.features.plays import SKIP_MS

GAP = pd.Timedelta(minutes=30).as_unit("ms")
SESSION = ("session_minutes", "session_plays", "session_ads", "minutes_since_last_break")
BREAK = pd.Timedelta(minutes=2).as_unit("ms")
"""Ads closer together than this are of one break."""


def session(rows: pd.DataFrame, shown: pd.DataFrame, ended: pd.DataFrame | None) -> pd.DataFrame:
    """The session each row is in, strictly before its moment, in the rows' index.

    ``session_minutes`` since its first event, ``session_plays`` and ``session_ads`` so far; zeros
    where a session begins. ``minutes_since_last_break`` since the last ad that was not of the
    row's own break; missing when there was none today. ``shown`` are the day's impressions,
    ``ended`` its plays (listener, at their end); without them ads alone make a session.
    """
    events = _numbered(shown, ended)
    # Sums of the steps up to an event are the event's own figures: `before` adds up.
    steps = events.groupby("listener")[["start", "ads_at_start", "plays_at_start"]].diff()
    steps = steps.fillna(events[["start", "ads_at_start", "plays_at_start"]]).astype("int64")
    known = before(rows, events[["listener", "at", "ads", "plays"]].join(steps), ["listener"])
    goes_on = rows["at"] - known["last"] < GAP
    found = pd.DataFrame(
        {
            "session_minutes": _clock(rows["at"]) - known["start"],
            "session_plays": known["plays"] - known["plays_at_start"],
            "session_ads": known["ads"] - known["ads_at_start"],
        }
    )
    found["session_minutes"] /= 60
    found = found.mul(goes_on.astype("int64"), axis=0)
    earlier = before(rows.assign(at=rows["at"] - BREAK), shown[["listener", "at"]], ["listener"])
    gap = (rows["at"] - earlier["last"]).dt.total_seconds() / 60
    return found.assign(minutes_since_last_break=gap).astype(float)


def ended_plays(listens: pd.DataFrame | None) -> pd.DataFrame | None:
    """Plays at the moment they ended: until then nobody knows how long a play will have been.

    Columns listener, ``at`` and ``skips`` (1 for a play under 30 seconds).
    """
    if listens is None:
        return None
    ends = listens["at"] + pd.to_timedelta(listens["ms_played"], unit="ms")
    return pd.DataFrame(
        {
            "listener": listens["listener"],
            "at": ends.astype("datetime64[ms]"),
            "skips": (listens["ms_played"] < SKIP_MS).astype("int64"),
        }
    )


def _numbered(shown: pd.DataFrame, ended: pd.DataFrame | None) -> pd.DataFrame:
    """All events in order, each with its session's start (second of the day) and counts then."""
    parts = [shown[["listener", "at"]].assign(ads=1, plays=0)]
    if ended is not None:
        parts.append(ended[["listener", "at"]].assign(ads=0, plays=1))
    events = pd.concat(parts, ignore_index=True)
    events = events.sort_values(["listener", "at", "ads"], kind="stable", ignore_index=True)
    begins = ~(events.groupby("listener")["at"].diff() < GAP)
    of = [events["listener"], begins.cumsum()]
    so_far = events.groupby("listener")[["ads", "plays"]].cumsum() - events[["ads", "plays"]]
    first = so_far.assign(start=_clock(events["at"])).groupby(of).transform("first")
    return events.assign(
        start=first["start"], ads_at_start=first["ads"], plays_at_start=first["plays"]
    )


def _clock(at: pd.Series) -> pd.Series:
    """Seconds since midnight."""
    return (at - at.dt.normalize()).dt.total_seconds().astype("int64")
