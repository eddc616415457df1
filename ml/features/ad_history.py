"""What a listener was shown before today, what they answered, and how tired of it they may be."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.family import Frames
from ml.features.rates import smoothed
from ml.features.windows import look_up, midnight, rows_before, window_sums

DAYS = (1, 7, 28)
STRENGTH = 5.0
CROSSES = {
    "ad": ("listener_ad.parquet", (7, 28)),
    "campaign": ("listener_ad.parquet", DAYS),
    "advertiser": ("listener_ad.parquet", (28,)),
    "format": ("listener_format.parquet", (28,)),
    "slot": ("listener_slot.parquet", (28,)),
}
"""What a listener tires of (or likes): where it is counted, and over how many days."""
PAST = (
    *(f"listener_{what}_{n}d" for what in ("impressions", "responses", "rate") for n in DAYS),
    "days_since_last_impression",
    "days_since_last_response",
    "is_new_listener",
    *(f"{cross}_exposures_{n}d" for cross, (_, days) in CROSSES.items() for n in days),
    *(f"{cross}_responses_28d" for cross in CROSSES),
)


def ad_history(
    rows: pd.DataFrame, history: Sequence[Frames], day: dt.date, overall: float
) -> pd.DataFrame:
    """The listener's own past with ads, in the rows' index; zeros for a listener never seen.

    ``listener_impressions_<n>d``, ``listener_responses_<n>d`` and ``listener_rate_<n>d`` smoothed
    toward ``overall``, the rate of all listeners; ``days_since_last_impression`` and
    ``days_since_last_response`` (1 is yesterday, NaN is not in 28 days); ``is_new_listener``;
    ``<cross>_exposures_<n>d`` and ``<cross>_responses_28d`` for each of CROSSES. Missing
    altogether when ``overall`` is: then no past was recorded.
    """
    known = window_sums(history, "listener.parquet", ["listener"], day, DAYS)
    counts = look_up(rows, known, ["listener"])
    found = counts.fillna(0).add_prefix("listener_")
    for days in DAYS:
        sent, answered = counts[f"impressions_{days}d"], counts[f"responses_{days}d"]
        found[f"listener_rate_{days}d"] = smoothed(answered, sent, overall, STRENGTH)
    found["is_new_listener"] = counts["impressions_28d"].isna().astype(float)
    found = found.join(_days_since(rows, history, day)).join(_exposures(rows, history, day))
    return found.astype(float) if np.isfinite(overall) else found * np.nan


def _days_since(rows: pd.DataFrame, history: Sequence[Frames], day: dt.date) -> pd.DataFrame:
    past = rows_before(history, "listener.parquet", day, max(DAYS))
    last = {}
    for event in ("impression", "response"):
        on = past[past[f"{event}s"] > 0].groupby("listener")["day"].max()
        age = (midnight(day) - on).dt.days.astype(float)
        last[f"days_since_last_{event}"] = rows["listener"].map(age).astype(float)
    return pd.DataFrame(last, index=rows.index)


def _exposures(rows: pd.DataFrame, history: Sequence[Frames], day: dt.date) -> pd.DataFrame:
    found = pd.DataFrame(index=rows.index)
    for cross, (partial, days) in CROSSES.items():
        keys = ["listener", cross]
        sums = window_sums(history, partial, keys, day, days)
        counts = look_up(rows, sums, keys).fillna(0)
        for n in days:
            found[f"{cross}_exposures_{n}d"] = counts[f"impressions_{n}d"]
        found[f"{cross}_responses_28d"] = counts["responses_28d"]
    return found
