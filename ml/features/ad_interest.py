"""Whose taste an ad's campaign attracts: responses by the genres its listeners played that day.

Each impression is divided among the genres the listener heard on that day, by their shares of
plays in millionths, so that partials are integers and add up over shards and days.
"""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ml.family import Frames
from ml.features.windows import look_up, rows_before, window_sums

CAMPAIGN_GENRE = "campaign_genre.parquet"
KEYS = ["campaign", "genre"]
MICRO = 1_000_000
WINDOW = 28
STRENGTH = 4.0
"""How many expected responses a campaign's draw on a genre is smoothed with."""

INTEREST = ("taste_affinity", "taste_response")


def summarise(advertising: Frames, listening: Frames) -> Frames:
    """``campaign_genre.parquet``: day, campaign, genre, ``impressions_micro``, ``responses_micro``.

    Listeners who played no track of a known genre that day are in no row.
    """
    shown = advertising["listener_ad.parquet"][["day", "listener", "campaign", "impressions",
                                                "responses"]]  # fmt: skip
    rows = shown.merge(_genres(listening["choices.parquet"]), on="listener")
    for count in ("impressions", "responses"):
        rows[f"{count}_micro"] = rows[count] * (rows["plays"] * MICRO // rows["of"])
    counts = rows[["day", *KEYS, "impressions_micro", "responses_micro"]]
    return {CAMPAIGN_GENRE: counts.groupby(["day", *KEYS]).sum().reset_index()}


def ad_interest(
    rows: pd.DataFrame, own: Sequence[Frames], pooled: Sequence[Frames], day: dt.date
) -> pd.DataFrame:
    """How much the listener's mix of genres responds, in the rows' index; 1 is the average.

    ``taste_affinity``  to the row's campaign, beside what campaign and genres do in general
    ``taste_response``  to ads of any campaign

    Both weigh genres by the listener's plays of 28 days; missing for one who played none.
    """
    mixes = _mixes(own, day)
    draws, general = _draws(window_sums(pooled, CAMPAIGN_GENRE, KEYS, day, (WINDOW,)))
    asked = rows[["listener", "campaign"]].drop_duplicates()
    pairs = asked.merge(mixes, on="listener").merge(draws, on=KEYS, how="left")
    pairs["draw"] = pairs["share"] * pairs["draw"].fillna(1.0)
    affinity = pairs.groupby(["listener", "campaign"])["draw"].sum().reset_index()
    mixes["response"] = mixes["share"] * mixes["genre"].map(general).fillna(1.0).astype(float)
    response = mixes.groupby("listener")["response"].sum().reset_index()
    found = {
        "taste_affinity": look_up(rows, affinity, ["listener", "campaign"])["draw"],
        "taste_response": look_up(rows, response, ["listener"])["response"],
    }
    return pd.DataFrame(found, index=rows.index).astype(float)


def _genres(choices: pd.DataFrame) -> pd.DataFrame:
    """Plays of each listener and genre, and ``of`` how many of any genre."""
    chosen = choices[choices["kind"] == "genre"].rename(columns={"value": "genre"})
    counted = chosen.groupby(["listener", "genre"])["plays"].sum().reset_index()
    return counted.assign(of=counted.groupby("listener")["plays"].transform("sum"))


def _mixes(own: Sequence[Frames], day: dt.date) -> pd.DataFrame:
    counted = _genres(rows_before(own, "choices.parquet", day, WINDOW))
    return counted[["listener", "genre"]].assign(share=counted["plays"] / counted["of"])


def _draws(sums: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Responses over expected ones, smoothed toward 1: by campaign and genre, and by genre.

    Expected is what a campaign's rate and a genre's rate say when neither cares for the other.
    """
    shown, answered = f"impressions_micro_{WINDOW}d", f"responses_micro_{WINDOW}d"
    overall = sums[answered].sum() / max(sums[shown].sum(), 1)
    by = {key: sums.groupby(key)[[shown, answered]].sum() for key in KEYS}
    lifts = {key: _lift(by[key][answered], by[key][shown] * overall) for key in KEYS}
    expected = sums[shown] * overall
    for key in KEYS:
        expected = expected * sums[key].map(lifts[key]).astype(float)
    draws = sums[KEYS].assign(draw=_lift(sums[answered], expected))
    return draws, lifts["genre"]


def _lift(answered: pd.Series, expected: pd.Series) -> pd.Series:
    return (answered / MICRO + STRENGTH) / (expected / MICRO + STRENGTH)
