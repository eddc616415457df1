"""How often others responded to this ad, in this place: rates that lean on the level above.

A new ad is judged by its campaign, a new campaign by its advertiser, a new advertiser by all ads;
a slot's rate for an ad by the ad's rate, moved as far as the slot moves rates in general.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.family import Frames
from ml.features.ad_day import ACROSS_LISTENERS, OUTCOMES, PLACEMENTS
from ml.features.rates import Prior, smoothed
from ml.features.windows import look_up, rows_before, sums_of, window_sums

DAYS = (1, 7, 28)
STRENGTH = 100.0
LEVELS = ("advertiser", "campaign", "ad")
PLACES = ("format", "slot", "hour")
CROSSES = {
    "slot_advertiser": ("slot", "advertiser"),
    "slot_campaign": ("slot", "campaign"),
    "slot_ad": ("slot", "ad"),
    "hour_format": ("hour", "format"),
    "hour_campaign": ("hour", "campaign"),
    "mood_campaign": ("mood", "campaign"),
}
"""Two things at once: their rate leans on what the two say apart."""
CROSS_DAYS = (7, 28)
ALONE = (*LEVELS, *PLACES, "mood")
OTHERS = {"completions": "completion", "skips": "skip", "conversions": "conversion"}
OTHER_LEVELS = ("campaign", "ad")
RATES = (
    *(f"{name}_rate_{days}d" for name in ALONE for days in DAYS),
    *(f"{name}_rate_{days}d" for name in CROSSES for days in CROSS_DAYS),
    *(f"{level}_{name}_rate_28d" for name in OTHERS.values() for level in OTHER_LEVELS),
    *(f"{level}_impressions_{days}d" for level in LEVELS for days in (1, 7)),
    *(f"is_new_{level}" for level in ("campaign", "ad")),
    "history_days",
)


def overall_rates(pooled: Sequence[Frames], day: dt.date, days: int) -> pd.Series:
    """What an impression of any ad led to on the days before ``day``, by outcome (OUTCOMES).

    All are NaN when nothing was shown.
    """
    total = window_sums(pooled, PLACEMENTS, ["day"], day, (days,))
    sums = total[[f"{name}_{days}d" for name in ("impressions", *OUTCOMES)]].sum()
    shown = sums[f"impressions_{days}d"]
    rates = {name: sums[f"{name}_{days}d"] / shown if shown else np.nan for name in OUTCOMES}
    return pd.Series(rates, dtype=float)


def ad_rates(rows: pd.DataFrame, pooled: Sequence[Frames], day: dt.date) -> pd.DataFrame:
    """Smoothed response rates and volumes of each row's ad and place, in the rows' index.

    ``<name>_rate_<n>d`` for ad, campaign, advertiser, format, slot, hour, mood and CROSSES;
    ``<level>_<completion, skip, conversion>_rate_28d`` for ad and campaign;
    ``<level>_impressions_<n>d``; ``is_new_ad`` and ``is_new_campaign``, 1 when not shown in 28
    days; ``history_days``, how many of the 28 days are recorded at all: who was not seen in two
    days may well be known, who was not seen in 28 hardly. With no impression in the window at
    all, everything is missing: nothing is known, not even newness.
    """
    tables = {name: rows_before(pooled, name, day, max(DAYS)) for name in ACROSS_LISTENERS}
    counts = {name: _counts(rows, tables, [name], day, DAYS) for name in ALONE}
    columns: dict[str, pd.Series] = {}
    overalls = {days: overall_rates(pooled, day, days) for days in DAYS}
    for days in DAYS:
        columns |= _alone(counts, days, overalls[days]["responses"])
    overall = overalls[max(DAYS)]
    for name, keys in CROSSES.items():
        crossed = _counts(rows, tables, list(keys), day, CROSS_DAYS)
        for days in CROSS_DAYS:
            one, other = (columns[f"{key}_rate_{days}d"] for key in keys)
            both = one * other / overall["responses"] if overall["responses"] else one
            columns[f"{name}_rate_{days}d"] = _rate(crossed, "responses", days, both)
    for count, name in OTHERS.items():
        columns |= _leaning(counts, OTHER_LEVELS, count, f"{name}_rate", 28, overall[count])
    for level in LEVELS:
        for days in (1, 7):
            columns[f"{level}_impressions_{days}d"] = counts[level][f"impressions_{days}d"]
    for level in ("campaign", "ad"):
        columns[f"is_new_{level}"] = counts[level]["impressions_28d"].isna().astype(float)
    recorded = tables[PLACEMENTS]["day"].nunique()
    columns["history_days"] = pd.Series(recorded, index=rows.index)
    found = pd.DataFrame(columns, index=rows.index)[list(RATES)].astype(float)
    volumes = [name for name in RATES if "_impressions_" in name]
    found[volumes] = found[volumes].fillna(0)
    return found if np.isfinite(overall["responses"]) else found * np.nan


def _counts(
    rows: pd.DataFrame,
    tables: Frames,
    keys: list[str],
    day: dt.date,
    days: Sequence[int],
) -> pd.DataFrame:
    """The sums of each row's ``keys``, of the first table that tells them apart."""
    name = next(name for name, known in ACROSS_LISTENERS.items() if {*keys} <= {*known})
    return look_up(rows, sums_of(tables[name], keys, day, days), keys)


def _alone(counts: dict[str, pd.DataFrame], days: int, overall: float) -> dict[str, pd.Series]:
    places = {
        f"{place}_rate_{days}d": _rate(counts[place], "responses", days, overall)
        for place in (*PLACES, "mood")
    }
    return _leaning(counts, LEVELS, "responses", "rate", days, overall) | places


def _leaning(
    counts: dict[str, pd.DataFrame],
    levels: tuple[str, ...],
    of: str,
    name: str,
    days: int,
    overall: float,
) -> dict[str, pd.Series]:
    """Each level's rate, smoothed toward that of the level above it."""
    found: dict[str, pd.Series] = {}
    above: Prior = overall
    for level in levels:
        above = found[f"{level}_{name}_{days}d"] = _rate(counts[level], of, days, above)
    return found


def _rate(counts: pd.DataFrame, of: str, days: int, prior: Prior) -> pd.Series:
    return smoothed(counts[f"{of}_{days}d"], counts[f"impressions_{days}d"], prior, STRENGTH)
