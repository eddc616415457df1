"""The features of an ad opportunity: one function for training and for scoring."""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ml.family import Frames
from ml.features.ad_day import OPEN, attributes
from ml.features.ad_history import PAST, ad_history
from ml.features.ad_interest import INTEREST, ad_interest
from ml.features.ad_rates import RATES, ad_rates, overall_rates
from ml.features.moment import MOMENT, TODAY, earlier_today, moment
from ml.features.taste import PROFILE, TASTE, WINDOW, profile, taste
from ml.features.windows import of_listeners, together

CATEGORICAL = ("device", "format", "slot", "mood", "country")
FEATURES = (*MOMENT, *RATES, *PAST, *TODAY, *TASTE, *INTEREST, *PROFILE, *CATEGORICAL)
"""All but the open ones (``attr_*``), which differ from source to source."""

FEATURE_GROUPS = (
    ("the moment", MOMENT),
    ("rates of the ad and its place", RATES),
    ("the listener's past with ads", PAST),
    ("what happened today", TODAY),
    ("taste in music", TASTE),
    ("taste against what the campaign attracts", INTEREST),
    ("the listener's account", (*PROFILE, "country")),
    ("device, format, slot and mood", ("device", "format", "slot", "mood")),
    ("what the source adds", (f"{OPEN}*",)),
)
"""Every feature in exactly one: the report says what is lost without each."""


def ad_features(
    rows: pd.DataFrame,
    *,
    day: dt.date,
    shown: pd.DataFrame,
    listens: pd.DataFrame | None,
    outcomes: pd.DataFrame,
    history: Sequence[Frames],
    pooled: Sequence[Frames],
    listeners: pd.DataFrame | None,
) -> pd.DataFrame:
    """What was known at each row's moment on ``day``, one column per feature, in the rows' index.

    ``rows`` are impressions of ``day`` (contract IMPRESSIONS), or what might be shown; ``shown``
    are all impressions of the same day that those listeners were really given, before or after.
    ``history`` and ``pooled`` are summaries of earlier days, at least one (an empty one will do);
    any that are not earlier are not read. ``listens`` and ``outcomes`` are the same day's.
    """
    own, pooled = of_listeners(history, rows["listener"]), together(pooled)
    overall = overall_rates(pooled, day, WINDOW)
    parts = [
        moment(rows),
        ad_rates(rows.assign(hour=rows["at"].dt.hour.astype("int64")), pooled, day),
        ad_history(rows, own, day, overall),
        earlier_today(rows, shown, listens, outcomes),
        taste(rows, own, day),
        ad_interest(rows, own, pooled, day),
        profile(rows, listeners, day),
        rows[["device", "format", "slot", "mood"]],
        rows[attributes(rows)],
    ]
    found = pd.concat(parts, axis=1)
    found = found[[*FEATURES, *attributes(rows)]]
    # Half the memory, and what a model is given anyway.
    return found.astype(dict.fromkeys(found.select_dtypes("float64"), "float32"))
