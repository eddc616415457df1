"""The adverts that might have been shown at the opportunities of a day, in place of the logged one.

A slot takes adverts of the format that it showed, so an opportunity's alternatives are the running
adverts of that format. Opportunities times adverts is a large table, so it has a bound: of each
format the MOST_ADS shown most in the week before and MOST_NEW not shown in it; of the
opportunities as many as a lottery leaves of about MOST_OPPORTUNITIES over all shards.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.family import Frames
from ml.features.ad_day import AD_CONTEXT, AD_OPEN, PLACEMENTS, attributes
from ml.features.ad_features import ad_features
from ml.features.ad_opportunities import WINDOW
from ml.features.eligibility import eligible
from ml.features.membership import among
from ml.features.windows import midnight, rows_before, window_sums
from ml.labels import no_outcomes, responded
from ml.sampling import lottery
from ml.tables import KINDS

MOST_OPPORTUNITIES = 10_000
MOST_ADS = 20
MOST_NEW = 5
SEED = 11
OF_AN_AD = ["ad", "campaign", "advertiser", "format"]
LOGGED = ["propensity", "explored"]
NAMED = ["listener", "impression", "ad", "campaign", "moment", "offered", "logged", *LOGGED]


def alternatives(
    *,
    day: dt.date,
    listens: pd.DataFrame | None = None,
    impressions: pd.DataFrame,
    outcomes: Sequence[pd.DataFrame],
    history: Sequence[Frames],
    pooled: Sequence[Frames],
    campaigns: pd.DataFrame | None = None,
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Logged opportunities of ``day`` times the adverts that might have filled them.

    Columns: listener, impression, ad, campaign, moment, ``offered`` (a running advert that a
    policy may choose), ``logged`` (the advert that was shown), LOGGED, a 0 or 1 for every kind
    of outcome within a day (all 0 where not logged), and the features; sorted by moment,
    listener, impression and ad. No rows where no propensities are logged or nothing is known of
    the days before.
    """
    kept = known(impressions, listeners, consent, pooled, day)
    if kept.empty:
        return kept.assign(offered=False, logged=False, moment=kept["at"])[NAMED]
    rows = crossed(kept, running(pooled, campaigns, day))
    features = ad_features(
        rows,
        day=day,
        shown=impressions,
        listens=listens,
        outcomes=outcomes[0] if outcomes else no_outcomes(),
        history=history,
        pooled=pooled,
        listeners=listeners,
    )
    came = {kind: responded(rows, outcomes, kinds=(kind,)) * rows["logged"] for kind in KINDS}
    return pd.concat([rows.assign(moment=rows["at"])[NAMED].assign(**came), features], axis=1)


def known(
    impressions: pd.DataFrame,
    listeners: pd.DataFrame | None,
    consent: pd.DataFrame | None,
    pooled: Sequence[Frames],
    day: dt.date,
) -> pd.DataFrame:
    """The opportunities that are looked at: eligible, with a propensity, drawn by lottery.

    A row's ticket is its own, and the share drawn depends on the day before over all shards, so
    how listeners are sharded does not matter.
    """
    if "propensity" not in impressions or not pooled:
        return impressions[:0].assign(propensity=np.nan, explored=-1)
    told = impressions["propensity"].notna()
    told &= eligible(impressions["listener"], listeners, consent)
    rows = impressions[told].sort_values(["at", "listener", "impression"], kind="stable")
    before = window_sums(pooled, PLACEMENTS, ["day"], day, (1,))["impressions_1d"].sum()
    share = MOST_OPPORTUNITIES / max(before, MOST_OPPORTUNITIES)
    ticket = lottery(rows.assign(moment=rows["at"]), SEED)
    return rows[ticket < share].reset_index(drop=True)


def running(pooled: Sequence[Frames], campaigns: pd.DataFrame | None, day: dt.date) -> pd.DataFrame:
    """OF_AN_AD and ``attr_ad_*`` of the adverts that may be shown on ``day``.

    With ``campaigns``, those that run then; without, those shown in the week before.
    """
    shown = window_sums(pooled, PLACEMENTS, OF_AN_AD, day, (7,))
    if campaigns is None:
        live = shown[OF_AN_AD]
    else:
        begun = campaigns["starts"] <= midnight(day)
        live = campaigns.loc[begun & (campaigns["ends"] > midnight(day)), OF_AN_AD]
    volume = shown.groupby("ad")["impressions_7d"].sum()
    live = live.assign(volume=live["ad"].map(volume).fillna(0).astype("int64"))
    live = live.sort_values(["volume", "ad"], ascending=[False, True], kind="stable")
    new = live["volume"] == 0
    place = live.groupby(["format", new]).cumcount()
    chosen = live[place < np.where(new, MOST_NEW, MOST_ADS)].drop(columns="volume")
    context = rows_before(pooled, AD_CONTEXT, day, WINDOW).sort_values(["day", "ad"])
    context = context.drop_duplicates("ad", keep="last").drop(columns="day")
    return chosen.merge(context, on="ad", how="left")


def crossed(kept: pd.DataFrame, ads: pd.DataFrame) -> pd.DataFrame:
    """Each opportunity with the advert that was shown, and every other one of its format."""
    own = attributes(kept, AD_OPEN)
    place = kept.drop(columns=["campaign", "advertiser", *own]).rename(columns={"ad": "shown"})
    others = place.merge(ads, on="format")
    others = others[others["ad"] != others["shown"]].drop(columns="shown")
    shown = kept.assign(offered=among(kept["ad"], ads["ad"]), logged=True)
    rows = pd.concat([others.assign(offered=True, logged=False), shown], ignore_index=True)
    told = dict.fromkeys(attributes(rows, AD_OPEN), -1)
    rows = rows.fillna(told).astype(dict.fromkeys(told, "int64"))
    return rows.sort_values(["at", "listener", "impression", "ad"], kind="stable",
                            ignore_index=True)  # fmt: skip
