"""What a listener was shown before today, what they answered, and how tired of it they may be."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.family import Frames
from ml.features.rates import Prior, smoothed
from ml.features.windows import look_up, midnight, rows_before, sums_of

DAYS = (1, 7, 28)
STRENGTH = 5.0
CROSSES = {
    "ad": DAYS,
    "campaign": DAYS,
    "advertiser": (7, 28),
    "format": (7, 28),
    "slot": (7, 28),
}
"""What a listener tires of (or likes), and over how many days it is counted."""
TIRING = ("ad", "campaign")
"""Of what the day it was last met is told."""
OTHER_RATES = {"completions": "completion", "skips": "skip", "conversions": "conversion"}
PAST = (
    *(f"listener_{what}_{n}d" for what in ("impressions", "responses", "rate") for n in DAYS),
    *(f"listener_ad_{name}_rate_28d" for name in OTHER_RATES.values()),
    "days_since_last_impression",
    "days_since_last_response",
    "is_new_listener",
    *(f"days_since_same_{cross}" for cross in TIRING),
    *(f"{cross}_exposures_{n}d" for cross, days in CROSSES.items() for n in days),
    *(f"{cross}_responses_28d" for cross in CROSSES),
    *(f"listener_{cross}_rate_28d" for cross in CROSSES),
)


def ad_history(
    rows: pd.DataFrame, history: Sequence[Frames], day: dt.date, overall: pd.Series
) -> pd.DataFrame:
    """The listener's own past with ads, in the rows' index; zeros for a listener never seen.

    ``listener_impressions_<n>d``, ``listener_responses_<n>d`` and ``listener_rate_<n>d`` smoothed
    toward all listeners'; ``listener_ad_<completion, skip, conversion>_rate_28d`` likewise;
    ``days_since_last_impression``, ``days_since_last_response`` and ``days_since_same_<ad,
    campaign>`` (1 is yesterday, NaN is not in 28 days); ``is_new_listener``; and for each of
    CROSSES ``<cross>_exposures_<n>d``, ``<cross>_responses_28d`` and ``listener_<cross>_rate_28d``
    smoothed toward the listener's own rate. ``overall`` are the rates of all listeners
    (:func:`ml.features.ad_rates.overall_rates`); where they are missing, so is all: then no past
    was recorded.
    """
    past = rows_before(history, "listener.parquet", day, max(DAYS))
    met = rows_before(history, "listener_ad.parquet", day, max(DAYS))
    counts = look_up(rows, sums_of(past, ["listener"], day, DAYS), ["listener"])
    names = [f"{what}_{n}d" for what in ("impressions", "responses") for n in DAYS]
    found = counts[names].fillna(0).add_prefix("listener_")
    for days in DAYS:
        found[f"listener_rate_{days}d"] = _rate(counts, "responses", days, overall["responses"])
    for count, name in OTHER_RATES.items():
        found[f"listener_ad_{name}_rate_28d"] = _rate(counts, count, 28, overall[count])
    found["is_new_listener"] = counts["impressions_28d"].isna().astype(float)
    found = found.join(_days_since(rows, past, met, day))
    found = found.join(_crosses(rows, met, day, found["listener_rate_28d"]))
    found = found[list(PAST)].astype(float)
    return found if np.isfinite(overall["responses"]) else found * np.nan


def _rate(counts: pd.DataFrame, of: str, days: int, prior: Prior) -> pd.Series:
    return smoothed(counts[f"{of}_{days}d"], counts[f"impressions_{days}d"], prior, STRENGTH)


def _days_since(
    rows: pd.DataFrame, past: pd.DataFrame, met: pd.DataFrame, day: dt.date
) -> pd.DataFrame:
    last = {
        f"days_since_last_{event}": (past[past[f"{event}s"] > 0], ["listener"])
        for event in ("impression", "response")
    } | {f"days_since_same_{cross}": (met, ["listener", cross]) for cross in TIRING}
    ages = {name: _age(rows, events, keys, day) for name, (events, keys) in last.items()}
    return pd.DataFrame(ages, index=rows.index)


def _age(rows: pd.DataFrame, events: pd.DataFrame, keys: list[str], day: dt.date) -> pd.Series:
    latest = events.groupby(keys)["day"].max().reset_index()
    return (midnight(day) - look_up(rows, latest, keys)["day"]).dt.days.astype(float)


def _crosses(
    rows: pd.DataFrame, met: pd.DataFrame, day: dt.date, own_rate: pd.Series
) -> pd.DataFrame:
    found: dict[str, pd.Series] = {}
    for cross, days in CROSSES.items():
        keys = ["listener", cross]
        counts = look_up(rows, sums_of(met, keys, day, days), keys)
        for n in days:
            found[f"{cross}_exposures_{n}d"] = counts[f"impressions_{n}d"].fillna(0)
        found[f"{cross}_responses_28d"] = counts["responses_28d"].fillna(0)
        found[f"listener_{cross}_rate_28d"] = _rate(counts, "responses", 28, own_rate)
    return pd.DataFrame(found, index=rows.index)
