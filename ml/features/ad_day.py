"""One day of advertising as integers: impressions and the responses that day, by what they share.

A response is counted on the day it happens, for then it is known: sums of the days before a day
cannot see its future. Below the listener, only a response to an impression of the same day says
which ad it answered; one that came after midnight counts for its listener alone.
"""

import datetime as dt

import pandas as pd

from ml.family import Frames
from ml.features.membership import among
from ml.features.windows import midnight
from ml.labels import responses

ACROSS_LISTENERS = {
    "total.parquet": [],
    "ad.parquet": ["ad"],
    "campaign.parquet": ["campaign"],
    "advertiser.parquet": ["advertiser"],
    "format.parquet": ["format"],
    "slot.parquet": ["slot"],
    "hour.parquet": ["hour"],
    "slot_ad.parquet": ["slot", "ad"],
    "placement.parquet": ["campaign", "ad", "advertiser", "format", "slot"],
}
"""What is summed over listeners, hence over shards: file name and keys."""

BY_LISTENER = {
    "listener_ad.parquet": ["listener", "ad", "campaign", "advertiser"],
    "listener_hour.parquet": ["listener", "hour"],
    "listener_format.parquet": ["listener", "format"],
    "listener_slot.parquet": ["listener", "slot"],
}
"""What stays with its listener's shard, beside the listener's own totals."""

LISTENER_CONTEXT = "listener_context.parquet"
AD_CONTEXT = "ad_context.parquet"
OPEN = "attr_"
AD_OPEN = "attr_ad_"
"""Prefixes of a source's own columns: any, and those that describe the ad, not the moment."""


def summarise(day: dt.date, impressions: pd.DataFrame, outcomes: pd.DataFrame) -> Frames:
    """The day's integer partials: columns ``day``, keys, ``impressions`` and ``responses``."""
    answered = responses(outcomes)
    shown = impressions.assign(
        hour=impressions["at"].dt.hour.astype("int64"),
        impressions=1,
        responses=among(impressions["impression"], answered["impression"]).astype("int64"),
    )
    partials = {
        name: count(shown, keys, day) for name, keys in (ACROSS_LISTENERS | BY_LISTENER).items()
    }
    partials["listener.parquet"] = count(_by_listener(shown, answered), ["listener"], day)
    partials[LISTENER_CONTEXT] = _listener_context(day, impressions)
    partials[AD_CONTEXT] = _ad_context(day, impressions)
    return partials


def count(rows: pd.DataFrame, keys: list[str], day: dt.date) -> pd.DataFrame:
    """Impressions and responses summed by key, sorted by it, with the day they are of."""
    dated = _dated(rows[[*keys, "impressions", "responses"]], day)
    return dated.groupby(["day", *keys]).sum().reset_index()


def pool(partials: list[Frames]) -> Frames:
    """The day's counts over all listeners: the sum over the shards' partials."""
    pooled = {}
    for name, keys in ACROSS_LISTENERS.items():
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


def _by_listener(shown: pd.DataFrame, answered: pd.DataFrame) -> pd.DataFrame:
    sent = shown[["listener"]].assign(impressions=1, responses=0)
    came = answered[["listener"]].assign(impressions=0, responses=1)
    return pd.concat([sent, came], ignore_index=True)
