"""Opportunities at every hour and mood of a day, for listeners whose advert is already chosen."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.family import Frames
from ml.features.ad_features import ad_features
from ml.features.ad_opportunities import WINDOW, opportunities
from ml.features.windows import look_up, midnight, of_listeners, window_sums
from ml.labels import no_outcomes

HOURS = 24


def ad_moments(
    *,
    day: dt.date,
    chosen: pd.DataFrame,
    moods: Sequence[str],
    history: Sequence[Frames],
    pooled: Sequence[Frames],
    campaigns: pd.DataFrame | None = None,
    listeners: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Each pair of ``chosen`` (listener, campaign) at every hour and mood of the day after ``day``.

    Columns: listener, campaign, ad, hour, mood, ``opportunities`` (how many ads the listener met
    in that hour on an average day of the last 28), and the features, by the same code as in
    training. First in the break, as `opportunities` has it; nothing of the day itself is known.
    """
    morrow = day + dt.timedelta(days=1)
    pairs = opportunities(
        chosen["listener"].drop_duplicates().sort_values(), history, pooled, campaigns, morrow
    ).merge(chosen[["listener", "campaign"]], on=["listener", "campaign"])
    rows = _at_every_moment(pairs, moods, morrow)
    features = ad_features(
        rows,
        day=morrow,
        shown=rows[:0],
        listens=None,
        outcomes=no_outcomes(),
        history=history,
        pooled=pooled,
        listeners=listeners,
    )
    named = rows[["listener", "campaign", "ad"]].assign(
        opportunities=_met(rows, history, morrow).to_numpy()
    )
    return pd.concat([named, features], axis=1)


def _at_every_moment(pairs: pd.DataFrame, moods: Sequence[str], day: dt.date) -> pd.DataFrame:
    hours = pd.to_timedelta(np.arange(HOURS), unit="h")
    at = pd.DataFrame({"at": (midnight(day) + hours).astype("datetime64[ms]")})
    said = pd.DataFrame({"mood": pd.Series(list(moods), dtype="str")})
    bare = pairs.drop(columns=["at", "mood"])
    rows = bare.merge(at, how="cross").merge(said, how="cross")
    number = pd.Series(range(len(rows)), index=rows.index).astype("str")
    return rows.assign(impression=number.astype("str"))


def _met(rows: pd.DataFrame, history: Sequence[Frames], day: dt.date) -> pd.Series:
    keys = ["listener", "hour"]
    own = of_listeners(history, rows["listener"])
    sums = window_sums(own, "listener_hour.parquet", keys, day, (WINDOW,))
    asked = rows[["listener"]].assign(hour=rows["at"].dt.hour.astype("int64"))
    counts = look_up(asked, sums, keys)[f"impressions_{WINDOW}d"].fillna(0)
    return counts / min(max(len(history), 1), WINDOW)
