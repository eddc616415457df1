"""Who listens: how much, when, how patiently, in what mood, and since when."""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ml.family import Frames
from ml.features.listening import behaviour, gather, totals
from ml.features.windows import midnight

TASTE = (
    "plays_28d",
    "active_days_28d",
    "days_since_last_play",
    "minutes_per_active_day_28d",
    "skip_rate_28d",
    "listen_through_rate_28d",
    "repeat_share_28d",
    "night_share_28d",
    "evening_share_28d",
    "weekend_share_28d",
    "energy_mean_28d",
    "valence_mean_28d",
)
PROFILE = ("tenure_days",)
WINDOW = 28


def taste(rows: pd.DataFrame, history: Sequence[Frames], day: dt.date) -> pd.DataFrame:
    """Listening in the 28 days before ``day``, in the rows' index; missing without any play.

    The columns are TASTE; :func:`ml.features.listening.behaviour` defines them.
    """
    eve = day - dt.timedelta(days=1)
    # What was chosen is not looked at here, and there is far more of it than there are listeners.
    amounts = [day | {"choices.parquet": day["choices.parquet"][:0]} for day in history]
    window = behaviour(totals(gather(amounts), eve, WINDOW))[list(TASTE)]
    found = window.reindex(pd.Index(rows["listener"]))
    return found.set_index(rows.index)


def profile(rows: pd.DataFrame, listeners: pd.DataFrame | None, day: dt.date) -> pd.DataFrame:
    """What the listener's account says: ``tenure_days`` and ``country``; unknown without it.

    Age band and gender are in the same table and are not read here: they are never features.
    """
    if listeners is None:
        country = pd.Series("unknown", index=rows.index, dtype="str")
        return pd.DataFrame({"tenure_days": float("nan"), "country": country}, index=rows.index)
    account = listeners.drop_duplicates("listener").set_index("listener")
    tenure = (midnight(day) - pd.to_datetime(rows["listener"].map(account["joined"]))).dt.days
    country = rows["listener"].map(account["country"]).fillna("unknown").astype("str")
    return pd.DataFrame({"tenure_days": tenure.where(tenure >= 0), "country": country}).astype(
        {"tenure_days": float}
    )
