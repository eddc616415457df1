"""When to show an advert: the value of an opportunity by listener, hour and context.

The advert is the one worth most to show that listener (ml.value); what changes from hour to hour
is the moment. The table is what an ad server loads: the value of an opportunity if it arises, how
often it arises, and which few hours of the day are the best to use under a frequency cap.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from ml.calibration import calibrated, interval, uncalibrated
from ml.family import Frames
from ml.progress import progress
from ml.uncertainty import TWO_SIDED_95
from ml.value import Worth, bids, combined

Scope = Callable[[pd.DataFrame], pd.DataFrame]

LISTENERS_AT_ONCE = 1000
"""Listeners whose moments are in memory together: with six moods, 144,000 rows."""


def best_moments(
    values: pd.DataFrame,
    lives: Sequence[dict],
    history: Sequence[Frames],
    pooled: Sequence[Frames],
    campaigns: pd.DataFrame | None = None,
    listeners: pd.DataFrame | None = None,
    *,
    day: dt.date,
    moments: Callable[..., pd.DataFrame],
    worth: Worth,
    scopes: Sequence[Scope | None],
    cap: int,
) -> pd.DataFrame:
    """Per listener, hour and mood of the day after ``day``: what an opportunity is worth.

    Columns: listener, campaign, ad, hour, mood, ``value`` with its 95 % bounds ``value_low`` and
    ``value_high``, ``opportunities`` (expected that hour), ``rank`` (1 for the listener's best
    hour, up to ``cap``; 0 for the hours to leave in peace). ``values`` are the candidates' (see
    ml.value), ``lives`` the live models of ``worth``, in its order. Without a live model of the
    first outcome there are no rows.
    """
    chosen = most_valuable(values)
    if "model.txt" not in lives[0]:
        chosen = chosen[:0]
    moods = moods_known(lives[0])
    known = {"history": history, "pooled": pooled, "campaigns": campaigns, "listeners": listeners}
    parts = []
    for position, some in enumerate(_chunks(chosen)):
        progress("valuing every hour of every listener",
                 position * LISTENERS_AT_ONCE / max(len(chosen), 1))
        parts.append(
            _valued(moments(day=day, chosen=some, moods=moods, **known), lives, worth, scopes))
    rows = pd.concat(parts, ignore_index=True)
    price = pd.Series(bids(rows["ad"], None if campaigns is None else [campaigns]))
    for name in ("value", "value_low", "value_high"):
        rows[name] = rows[name] * price
    return rows.assign(rank=ranked(rows, cap))


def most_valuable(values: pd.DataFrame) -> pd.DataFrame:
    """The candidate of each listener that is worth most; a tie goes to the first campaign."""
    ordered = values.sort_values(
        ["listener", "value", "campaign"], ascending=[True, False, True], kind="stable"
    )
    return ordered.drop_duplicates("listener")[["listener", "campaign"]].reset_index(drop=True)


def moods_known(live: dict) -> list[str]:
    """The moods a model has learnt about."""
    known = live["card.json"]["categorical"].get("mood") if "card.json" in live else None
    return known or ["unknown"]


def ranked(rows: pd.DataFrame, cap: int) -> np.ndarray:
    """The place of each row's hour among its listener's best ``cap`` hours, 0 for all others.

    Only hours in which the listener met an advert before compete, where any is known: an hour
    nobody listens in is worth nothing, whatever a model says of it. An hour counts by its mean
    over the moods, for the mood is known only when the opportunity is there.
    """
    hours = rows.groupby(["listener", "hour"], as_index=False).agg(
        value=("value", "mean"), opportunities=("opportunities", "first")
    )
    ever = hours.groupby("listener")["opportunities"].transform("max") > 0
    usable = hours[(hours["opportunities"] > 0) | ~ever]
    best = usable.sort_values(
        ["listener", "value", "hour"], ascending=[True, False, True], kind="stable"
    )
    place = best.groupby("listener").cumcount() + 1
    best = best[["listener", "hour"]].assign(rank=place.where(place <= cap, 0))
    found = rows[["listener", "hour"]].merge(best, on=["listener", "hour"], how="left")
    return found["rank"].fillna(0).astype("int64").to_numpy()


def _chunks(chosen: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, max(len(chosen), 1), LISTENERS_AT_ONCE):
        yield chosen.iloc[start : start + LISTENERS_AT_ONCE]


def _valued(
    rows: pd.DataFrame, lives: Sequence[dict], worth: Worth, scopes: Sequence[Scope | None]
) -> pd.DataFrame:
    """The rows' keys and moments, with the value in bids."""
    foretold = [_foretold(rows, live, scope) for live, scope in zip(lives, scopes, strict=True)]
    weights = [weight for _, weight in worth]
    value, reach = combined([p for p, _ in foretold], [e for _, e in foretold], weights)
    kept = rows[["listener", "campaign", "ad", "hour", "mood", "opportunities"]]
    return kept.assign(value=value, value_low=value - reach, value_high=value + reach)


def _foretold(
    rows: pd.DataFrame, live: dict, scope: Scope | None
) -> tuple[np.ndarray, np.ndarray]:
    """The probability of an outcome and its standard error; missing outside the scope."""
    probability, error = np.full((2, len(rows)), np.nan)
    inside = rows.assign(row=range(len(rows)))
    inside = inside if scope is None else scope(inside)
    if len(inside) and "model.txt" in live:
        raw, fitted = uncalibrated(live, inside), live["calibration.json"]
        low, high = interval(raw, fitted)
        probability[inside["row"]] = calibrated(raw, fitted)
        error[inside["row"]] = (high - low) / (2 * TWO_SIDED_95)
    return probability, error
