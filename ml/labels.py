"""What an impression led to, within the time allowed for it to count."""

from collections.abc import Sequence

import pandas as pd

from ml.features.membership import among

ATTRIBUTION = pd.Timedelta(days=1)


def no_outcomes() -> pd.DataFrame:
    """A day on which nothing was answered, in the shape of the contract OUTCOMES."""
    text = pd.Series(dtype="str")
    at = pd.Series(dtype="datetime64[ms]")
    return pd.DataFrame({"impression": text, "listener": text, "kind": text, "at": at})


def responses(outcomes: pd.DataFrame, kinds: tuple[str, ...] = ("click",)) -> pd.DataFrame:
    """The first of ``kinds`` for each impression: a second click is no second response."""
    wanted = outcomes.loc[outcomes["kind"].isin(kinds), ["impression", "listener", "at"]]
    ordered = wanted.sort_values(["at", "impression"], kind="stable")
    return ordered.drop_duplicates("impression").reset_index(drop=True)


def responded(
    impressions: pd.DataFrame,
    outcomes: Sequence[pd.DataFrame],
    within: pd.Timedelta = ATTRIBUTION,
    kinds: tuple[str, ...] = ("click",),
) -> pd.Series:
    """1 where any of ``kinds`` followed less than ``within`` after the impression, else 0.

    ``outcomes`` are the days on which an answer may have happened, from the impressions' day on.
    With fewer days than ``within`` spans, late answers are not yet known and count as none: wait
    until labels are mature. With no day at all nothing is known and every label is missing
    (Int64): absent is not zero. An answer before its impression is a logging error, and none.
    """
    if not outcomes:
        return pd.Series(pd.NA, index=impressions.index, dtype="Int64", name="label")
    shown = impressions[["impression", "at"]].rename(columns={"at": "shown"})
    answered = [no_outcomes(), *(day[day["kind"].isin(kinds)] for day in outcomes)]
    timed = pd.concat(answered, ignore_index=True).merge(shown, on="impression")
    delay = timed["at"] - timed["shown"]
    inside = timed.loc[(delay >= pd.Timedelta(0)) & (delay < within), "impression"]
    return among(impressions["impression"], inside).astype("int64").rename("label")
