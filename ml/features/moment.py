"""When and where an ad opportunity is, and what the day held before it."""

import pandas as pd

from ml.features.before import before
from ml.features.listening_day import SKIP_MS
from ml.labels import responses

EVENING = range(18, 24)
MOMENT = ("hour", "weekday", "is_evening", "is_weekend", "break_position")
PLAYS_TODAY = ("plays_today", "skips_today", "minutes_since_last_play")
TODAY = (
    "impressions_today",
    "ad_exposures_today",
    "campaign_exposures_today",
    "responses_today",
    "minutes_since_last_ad",
    *PLAYS_TODAY,
)


def moment(rows: pd.DataFrame) -> pd.DataFrame:
    """The clock and the place in the break: known when the opportunity arises."""
    at = rows["at"]
    return pd.DataFrame(
        {
            "hour": at.dt.hour.astype("int64"),
            "weekday": at.dt.day_of_week.astype("int64"),
            "is_evening": at.dt.hour.isin(EVENING).astype("int64"),
            "is_weekend": (at.dt.day_of_week >= 5).astype("int64"),
            "break_position": rows["break_position"],
        },
        index=rows.index,
    )


def earlier_today(
    rows: pd.DataFrame,
    shown: pd.DataFrame,
    listens: pd.DataFrame | None,
    outcomes: pd.DataFrame,
) -> pd.DataFrame:
    """The listener's day strictly before each row's moment; ``shown`` are the day's impressions.

    The rows may be impressions, or what might have been shown instead of one.
    ``impressions_today``, ``ad_exposures_today``, ``campaign_exposures_today``,
    ``responses_today``, ``minutes_since_last_ad``; and from the plays that had ended,
    ``plays_today``, ``skips_today``, ``minutes_since_last_play`` (missing without listens).
    """
    met = before(rows, shown[["listener", "at"]], ["listener"])
    answered = before(rows, responses(outcomes)[["listener", "at"]], ["listener"])
    found = pd.DataFrame(
        {
            "impressions_today": met["count"],
            "ad_exposures_today": _repeats(rows, shown, "ad"),
            "campaign_exposures_today": _repeats(rows, shown, "campaign"),
            "responses_today": answered["count"],
            "minutes_since_last_ad": _minutes(rows["at"] - met["last"]),
        },
        index=rows.index,
    )
    return found.join(_plays_today(rows, listens)).astype(float)


def _repeats(rows: pd.DataFrame, shown: pd.DataFrame, of: str) -> pd.Series:
    return before(rows, shown[["listener", of, "at"]], ["listener", of])["count"]


def _plays_today(rows: pd.DataFrame, listens: pd.DataFrame | None) -> pd.DataFrame:
    if listens is None:
        return pd.DataFrame(float("nan"), index=rows.index, columns=list(PLAYS_TODAY))
    ended = pd.DataFrame(
        {
            "listener": listens["listener"],
            # Until it ends, nobody knows how long a play will have been.
            "at": listens["at"] + pd.to_timedelta(listens["ms_played"], unit="ms"),
            "skips": (listens["ms_played"] < SKIP_MS).astype("int64"),
        }
    )
    heard = before(rows, ended.astype({"at": "datetime64[ms]"}), ["listener"])
    columns = [heard["count"], heard["skips"], _minutes(rows["at"] - heard["last"])]
    return pd.DataFrame(dict(zip(PLAYS_TODAY, columns, strict=True)), index=rows.index)


def _minutes(elapsed: pd.Series) -> pd.Series:
    return elapsed.dt.total_seconds() / 60
