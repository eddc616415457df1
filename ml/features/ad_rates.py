"""How often others responded to this ad, in this place: rates that lean on the level above.

A new ad is judged by its campaign, a new campaign by its advertiser, a new advertiser by all ads;
a slot's rate for an ad by the ad's rate, moved as far as the slot moves rates in general.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.family import Frames
from ml.features.rates import Prior, smoothed
from ml.features.windows import look_up, window_sums

DAYS = (7, 28)
STRENGTH = 100.0
LEVELS = ("advertiser", "campaign", "ad")
PLACES = ("format", "slot", "hour")
CROSS = "slot_ad"
KEYS = {name: [name] for name in (*LEVELS, *PLACES)} | {CROSS: ["slot", "ad"]}
RATES = (
    *(f"{name}_rate_{days}d" for name in KEYS for days in DAYS),
    *(f"{level}_impressions_7d" for level in LEVELS),
    "is_new_ad",
)


def overall_rate(pooled: Sequence[Frames], day: dt.date, days: int) -> float:
    """The response rate of all ads on the days before ``day``; NaN when nothing was shown."""
    total = window_sums(pooled, "total.parquet", ["day"], day, (days,))
    shown, answered = total[f"impressions_{days}d"].sum(), total[f"responses_{days}d"].sum()
    return float(answered / shown) if shown else np.nan


def ad_rates(rows: pd.DataFrame, pooled: Sequence[Frames], day: dt.date) -> pd.DataFrame:
    """Smoothed response rates and volumes of each row's ad and place, in the rows' index.

    ``<level>_rate_<n>d`` for ad, campaign, advertiser, format, slot, hour and ``slot_ad``;
    ``<level>_impressions_7d``; ``is_new_ad`` 1 when the ad was not shown in 28 days. With no
    impression in the window at all, everything is missing: nothing is known, not even newness.
    """
    columns: dict[str, pd.Series] = {}
    counts = {
        name: look_up(rows, window_sums(pooled, f"{name}.parquet", keys, day, DAYS), keys)
        for name, keys in KEYS.items()
    }
    for days in DAYS:
        overall = overall_rate(pooled, day, days)
        above: Prior = overall
        for level in LEVELS:
            above = _rate(counts[level], days, above)
            columns[f"{level}_rate_{days}d"] = above
        for place in PLACES:
            columns[f"{place}_rate_{days}d"] = _rate(counts[place], days, overall)
        moved = above * columns[f"slot_rate_{days}d"] / overall if overall else above
        columns[f"{CROSS}_rate_{days}d"] = _rate(counts[CROSS], days, moved)
    for level in LEVELS:
        columns[f"{level}_impressions_7d"] = counts[level]["impressions_7d"].fillna(0)
    columns["is_new_ad"] = counts["ad"]["impressions_28d"].isna().astype(float)
    found = pd.DataFrame(columns, index=rows.index).astype(float)
    return found if np.isfinite(overall_rate(pooled, day, max(DAYS))) else found * np.nan


def _rate(counts: pd.DataFrame, days: int, prior: Prior) -> pd.Series:
    return smoothed(counts[f"responses_{days}d"], counts[f"impressions_{days}d"], prior, STRENGTH)
