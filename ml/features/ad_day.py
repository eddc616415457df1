"""One day of advertising as integers: impressions and what came of them, by what they share.

An outcome is counted on the day it happens, for then it is known: sums of the days before a day
cannot see its future. Below the listener, only an outcome of an impression of the same day says
which ad it is about; one that came after midnight counts for its listener alone.
"""

import datetime as dt

import pandas as pd

from ml.family import Frames
from ml.features.ad_interest import CAMPAIGN_GENRE, KEYS
from ml.features.membership import among
from ml.features.windows import midnight
from ml.labels import responses

PLACEMENT = ["campaign", "ad", "advertiser", "format", "slot"]
PLACEMENTS = "placement.parquet"
HOURS = "hour.parquet"
MOODS = "mood.parquet"

ACROSS_LISTENERS = {
    PLACEMENTS: PLACEMENT,
    HOURS: ["hour", "format", "campaign"],
    MOODS: ["mood", "campaign"],
}
"""What is summed over listeners, hence over shards: file name and keys. Windows sum over any."""

BY_LISTENER = {
    "listener_ad.parquet": ["listener", *PLACEMENT],
    "listener_hour.parquet": ["listener", "hour"],
}
"""What stays with its listener's shard, beside the listener's own totals."""

OUTCOMES = {
    "responses": ("click",),
    "completions": ("listened_100",),
    "skips": ("skip", "mute"),
    "conversions": ("conversion",),
}
"""What is counted beside impressions, and the kinds of outcome each counts (any of them, once)."""

JUDGED = (PLACEMENTS, "listener.parquet")
"""Where all OUTCOMES are counted; elsewhere responses alone."""

LISTENER_CONTEXT = "listener_context.parquet"
AD_CONTEXT = "ad_context.parquet"
OPEN = "attr_"
AD_OPEN = "attr_ad_"
"""Prefixes of a source's own columns: any, and those that describe the ad, not the moment."""


def summarise(day: dt.date, impressions: pd.DataFrame, outcomes: pd.DataFrame) -> Frames:
    """The day's integer partials: columns ``day``, keys, ``impressions`` and the OUTCOMES."""
    came = {name: responses(outcomes, kinds) for name, kinds in OUTCOMES.items()}
    shown = impressions.assign(
        hour=impressions["at"].dt.hour.astype("int64"),
        impressions=1,
        **{
            name: among(impressions["impression"], rows["impression"]).astype("int64")
            for name, rows in came.items()
        },
    )
    partials = {
        name: count(shown, name, keys, day)
        for name, keys in (ACROSS_LISTENERS | BY_LISTENER).items()
    }
    own = _by_listener(shown, came)
    partials["listener.parquet"] = count(own, "listener.parquet", ["listener"], day)
    partials[LISTENER_CONTEXT] = _listener_context(day, impressions)
    partials[AD_CONTEXT] = _ad_context(day, impressions)
    return partials


def count(rows: pd.DataFrame, name: str, keys: list[str], day: dt.date) -> pd.DataFrame:
    """Impressions and outcomes summed by key, sorted by it, with the day they are of."""
    counts = ["impressions", *(OUTCOMES if name in JUDGED else ("responses",))]
    dated = _dated(rows[[*keys, *counts]], day)
    return dated.groupby(["day", *keys]).sum().reset_index()


def pool(partials: list[Frames]) -> Frames:
    """The day's counts over all listeners: the sum over the shards' partials."""
    pooled = {}
    for name, keys in {**ACROSS_LISTENERS, CAMPAIGN_GENRE: KEYS}.items():
        shards = pd.concat([partial[name] for partial in partials], ignore_index=True)
        pooled[name] = shards.groupby(["day", *keys]).sum().reset_index()
    contexts = pd.concat([partial[AD_CONTEXT] for partial in partials], ignore_index=True)
    pooled[AD_CONTEXT] = _largest(contexts)
    return pooled


def attributes(frame: pd.DataFrame, prefix: str = OPEN) -> list[str]:
    """The columns a source brought of its own, in the frame's order."""
    return [str(column) for column in frame.columns if str(column).startswith(prefix)]


def _listener_context(day: dt.date, impressions: pd.DataFrame) -> pd.DataFrame:
    """Device and ``attr_*`` (not ``attr_ad_*``) of each listener's last impression of the day."""
    own = [name for name in attributes(impressions) if not name.startswith(AD_OPEN)]
    last = impressions.sort_values(["listener", "at", "impression"], kind="stable")
    last = last.drop_duplicates("listener", keep="last")[["listener", "device", *own]]
    return _dated(last, day)


def _ad_context(day: dt.date, impressions: pd.DataFrame) -> pd.DataFrame:
    """``attr_ad_*`` of each ad; of several, the largest, which no order of rows can change."""
    return _dated(_largest(impressions[["ad", *attributes(impressions, AD_OPEN)]]), day)


def _largest(contexts: pd.DataFrame) -> pd.DataFrame:
    ordered = contexts.sort_values(["ad", *attributes(contexts)], kind="stable")
    return ordered.drop_duplicates("ad", keep="last").reset_index(drop=True)


def _dated(rows: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    dated = rows.reset_index(drop=True)
    dated.insert(0, "day", pd.Series(midnight(day), index=dated.index, dtype="datetime64[ms]"))
    return dated


def _by_listener(shown: pd.DataFrame, came: dict[str, pd.DataFrame]) -> pd.DataFrame:
    sent = shown[["listener"]].assign(impressions=1)
    answered = [rows[["listener"]].assign(**{name: 1}) for name, rows in came.items()]
    rows = pd.concat([sent, *answered], ignore_index=True)
    return rows.fillna(dict.fromkeys(["impressions", *OUTCOMES], 0)).astype(
        dict.fromkeys(["impressions", *OUTCOMES], "int64")
    )
