"""When and where an ad opportunity is, and what the day held before it."""

import pandas as pd

from ml.features.before import before
from ml.features.session import SESSION, ended_plays, session
from ml.labels import responses

EVENING = range(18, 24)
MOMENT = ("hour", "is_evening", "break_position")
"""No weekday: two weeks of training hold each twice, so it would name days, not kinds of days."""
PLAYS_TODAY = ("plays_today", "skips_today", "minutes_since_last_play")
TODAY = (
    "impressions_today",
    "ad_exposures_today",
    "campaign_exposures_today",
    "responses_today",
    "minutes_since_last_ad",
    "minutes_since_same_ad",
    "minutes_since_same_campaign",
    *PLAYS_TODAY,
    *SESSION,
)


def moment(rows: pd.DataFrame) -> pd.DataFrame:
    """The clock and the place in the break: known when the opportunity arises."""
    at = rows["at"]
    return pd.DataFrame(
        {
            "hour": at.dt.hour.astype("int64"),
            "is_evening": at.dt.hour.isin(EVENING).astype("int64"),
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
    ``responses_today``, ``minutes_since_last_ad`` (any), ``minutes_since_same_<ad, campaign>``;
    from the plays that had ended, ``plays_today``, ``skips_today``, ``minutes_since_last_play``
    (missing without listens); and the session (:mod:`ml.features.session`).
    """
    met = before(rows, shown[["listener", "at"]], ["listener"])
    answered = before(rows, responses(outcomes)[["listener", "at"]], ["listener"])
    found = pd.DataFrame(
        {
            "impressions_today": met["count"],
            "responses_today": answered["count"],
            "minutes_since_last_ad": _minutes(rows["at"] - met["last"]),
            **_met_again(rows, shown, "ad"),
            **_met_again(rows, shown, "campaign"),
        },
        index=rows.index,
    )
    ended = ended_plays(listens)
    found = found.join(_plays_today(rows, ended)).join(session(rows, shown, ended))
    return found[list(TODAY)].astype(float)


def _met_again(rows: pd.DataFrame, shown: pd.DataFrame, of: str) -> dict[str, pd.Series]:
    met = before(rows, shown[["listener", of, "at"]], ["listener", of])
    return {
        f"{of}_exposures_today": met["count"],
        f"minutes_since_same_{of}": _minutes(rows["at"] - met["last"]),
    }


def _plays_today(rows: pd.DataFrame, ended: pd.DataFrame | None) -> pd.DataFrame:
    if ended is None:
        return pd.DataFrame(float("nan"), index=rows.index, columns=list(PLAYS_TODAY))
    heard = before(rows, ended, ["listener"])
    columns = [heard["count"], heard["skips"], _minutes(rows["at"] - heard["last"])]
    return pd.DataFrame(dict(zip(PLAYS_TODAY, columns, strict=True)), index=rows.index)


def _minutes(elapsed: pd.Series) -> pd.Series:
    return elapsed.dt.total_seconds() / 60
