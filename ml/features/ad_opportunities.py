"""The opportunities worth scoring ahead of a day: recent listeners, running campaigns.

Listeners times campaigns is a large table, so it has a bound: a shard's 50,000 listeners seen
last, the 20 campaigns shown most in the last week, each pair once, at a neutral moment. A service
whose shards hold more recent listeners than that has too few shards.
"""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ml.family import Frames
from ml.features.ad_day import (
    AD_CONTEXT,
    HOURS,
    LISTENER_CONTEXT,
    PLACEMENT,
    PLACEMENTS,
    attributes,
)
from ml.features.membership import among
from ml.features.windows import midnight, rows_before, window_sums

WINDOW = 28
RECENT = 7
MOST_CAMPAIGNS = 20
MOST_LISTENERS = 50_000


def opportunities(
    listeners: pd.Series,
    history: Sequence[Frames],
    pooled: Sequence[Frames],
    campaigns: pd.DataFrame | None,
    day: dt.date,
) -> pd.DataFrame:
    """One row per listener and running campaign, sorted so, with the columns of IMPRESSIONS.

    The moment is neutral: the listener's most usual hour of ``day``, first in the break, the
    campaign's most usual ad and slot, no mood known. Device and ``attr_*`` are those of the
    listener's last impression, ``attr_ad_*`` those of the ad.
    """
    rows = pd.DataFrame({"listener": listeners, "at": usual_hours(listeners, history, pooled, day)})
    rows = rows.merge(_latest(history, LISTENER_CONTEXT, "listener", day), how="left")
    rows = rows.merge(placements(pooled, campaigns, day), how="cross")
    rows = rows.sort_values(["listener", "campaign"], kind="stable", ignore_index=True)
    unknown = dict.fromkeys(attributes(rows), -1)
    rows = rows.fillna({**unknown, "device": "unknown"}).astype(dict.fromkeys(unknown, "int64"))
    return rows.assign(
        impression=(rows["listener"] + " " + rows["campaign"]).astype("str"),
        break_position=0,
        mood=pd.Series("unknown", index=rows.index, dtype="str"),
    )


def seen_listeners(history: Sequence[Frames], day: dt.date) -> pd.Series:
    """Who was shown an ad or played a track in the week before ``day``, those seen last first."""
    shown = rows_before(history, "listener.parquet", day, RECENT)
    # An outcome may come on a day without an impression: answering late is not being seen.
    shown = shown[shown["impressions"] > 0]
    heard = rows_before(history, "listening.parquet", day, RECENT)
    seen = pd.concat([shown[["day", "listener"]], heard[["day", "listener"]]])
    ordered = seen.sort_values(["day", "listener"], ascending=[False, True])
    return ordered["listener"].drop_duplicates().reset_index(drop=True)


def usual_hours(
    listeners: pd.Series, history: Sequence[Frames], pooled: Sequence[Frames], day: dt.date
) -> pd.Series:
    """The hour of ``day`` at which each listener met most ads; everybody's where none is known."""
    own = window_sums(history, "listener_hour.parquet", ["listener", "hour"], day, (WINDOW,))
    usual = _most_shown(own, "listener").set_index("listener")["hour"]
    everybody = window_sums(pooled, HOURS, ["hour"], day, (WINDOW,))
    most = _most_shown(everybody.assign(all=0), "all")["hour"]
    hour = listeners.map(usual).fillna(most.iloc[0] if len(most) else 12)
    at = midnight(day) + pd.to_timedelta(hour.astype("int64"), unit="h")
    return at.astype("datetime64[ms]")


def placements(
    pooled: Sequence[Frames], campaigns: pd.DataFrame | None, day: dt.date
) -> pd.DataFrame:
    """PLACEMENT and ``attr_ad_*`` of each running campaign, the most shown first.

    A campaign stands in its usual ad and slot. With ``campaigns``, those that run on ``day``; an
    ad not yet shown stands in the slot most shown. Without, those shown in the last week. At most
    MOST_CAMPAIGNS.
    """
    shown = window_sums(pooled, PLACEMENTS, PLACEMENT, day, (RECENT,))
    shown = shown[shown["impressions_7d"] > 0]
    if campaigns is not None:
        running = campaigns[
            (campaigns["starts"] <= midnight(day)) & (campaigns["ends"] >= midnight(day))
        ]
        shown = pd.concat(
            [shown[among(shown["ad"], running["ad"])], _not_yet_shown(running, shown)],
            ignore_index=True,
        )
    volume = shown.groupby("campaign")["impressions_7d"].transform("sum")
    usual = _most_shown(shown.assign(volume=volume), "campaign")
    ranked = usual.sort_values(["volume", "campaign"], ascending=[False, True], kind="stable")
    most = ranked[PLACEMENT].head(MOST_CAMPAIGNS).reset_index(drop=True)
    return most.merge(_latest(pooled, AD_CONTEXT, "ad", day), on="ad", how="left")


def _not_yet_shown(running: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    slots = shown.groupby("slot")["impressions_7d"].sum().reset_index()
    usual = _most_shown(slots.assign(all=0), "all")["slot"]
    fresh = running[~among(running["ad"], shown["ad"])].assign(
        slot=usual.iloc[0] if len(usual) else "unknown", impressions_7d=0, responses_7d=0
    )
    fresh = fresh[[*PLACEMENT, "impressions_7d", "responses_7d"]].astype({"slot": "str"})
    return fresh.sort_values(PLACEMENT, kind="stable")


def _most_shown(sums: pd.DataFrame, key: str) -> pd.DataFrame:
    """The row of each ``key`` with most impressions; a tie goes to the first in order of keys."""
    # Sums come sorted by their keys, and a stable sort keeps that order among equals.
    impressions = next(str(name) for name in sums.columns if str(name).startswith("impressions_"))
    ranked = sums.sort_values(impressions, ascending=False, kind="stable")
    return ranked.drop_duplicates(key).sort_values(key, kind="stable", ignore_index=True)


def _latest(summaries: Sequence[Frames], name: str, key: str, day: dt.date) -> pd.DataFrame:
    """The context of each key on the last day it was seen, without the day."""
    rows = rows_before(summaries, name, day, WINDOW).sort_values(["day", key], kind="stable")
    names = [*(["device"] if "device" in rows else []), *attributes(rows)]
    return rows.drop_duplicates(key, keep="last")[[key, *names]].reset_index(drop=True)
