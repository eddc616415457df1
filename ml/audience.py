"""Who an advertiser may reach: consented listeners, best scores first, never a small group.

An audience of fewer listeners than ``minimum`` could single people out, so it is not published:
neither its members nor its exact size are written anywhere (k-anonymity).
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.money import money


def build(
    scores: list[pd.DataFrame],
    consent: list[pd.DataFrame] | None = None,
    *,
    group: str,
    share: float,
    minimum: int,
    family_name: str,
    night: dt.date,
    consent_required: bool,
    most_listeners: int | None = None,
    most_exposures: tuple[str, int] | None = None,
    titles: dict[str, str] | None = None,
    withheld: dict[str, str] | None = None,
) -> dict:
    """``audience.parquet`` (audience, listener, score, rank) and ``audiences.json`` (all groups).

    Per value of ``group`` (a campaign, a segment) the best ``share`` of its eligible listeners,
    each at their best score. Without a CONSENT table (``consent`` None) nobody's consent is
    known: nobody is eligible when ``consent_required``, else everybody is. ``most_listeners`` is
    how many of a shard could be scored; shards that reached it are noted. ``most_exposures`` names
    a column of the scores: who met the group more often than that is left in peace. ``titles``
    say what groups are called, ``withheld`` why a group must not be published whatever its size.
    """
    best = best_scores(scores, group)
    agreed = best[consented(best["listener"], consent, consent_required)]
    eligible = rested(agreed, most_exposures).reset_index(drop=True)
    chosen = top_share(eligible, group, share)
    sizes = chosen[group].value_counts()
    unknown = "nobody's consent is known: this source has no consent table"
    refused = dict.fromkeys(best[group].unique(), unknown) if _silent(consent, consent_required) \
        else withheld or {}
    groups = [
        _audience(name, (titles or {}).get(name, f"{group} {name}"), int(sizes.get(name, 0)),
                  minimum, refused.get(name, ""))
        for name in sorted(best[group].unique())
    ]  # fmt: skip
    published = chosen[chosen[group].isin([g["audience"] for g in groups if g["published"]])]
    members = published.rename(columns={group: "audience"})[
        ["audience", "listener", "score", "rank"]
    ]
    scored, kept = best["listener"].nunique(), agreed["listener"].nunique()
    return {
        "audience.parquet": members.reset_index(drop=True),
        "audiences.json": {
            "family": family_name,
            "day": night.isoformat(),
            "k": minimum,
            "audiences": groups,
            "counts": {"scored": scored, "without_consent": scored - kept, "eligible": kept},
            "money": money(published.rename(columns={group: "audience"}), eligible),
            "notes": [*_limits(scores, most_listeners),
                      *_tired(len(agreed) - len(eligible), most_exposures, group)],
        },
    }


def best_scores(scores: list[pd.DataFrame], group: str) -> pd.DataFrame:
    """The best score of each listener in each group, best first; equal scores by listener."""
    frames = [frame for frame in scores if len(frame)]
    if not frames:
        columns = {group: "str", "listener": "str", "score": "float64"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    rows = pd.concat(frames, ignore_index=True)
    ordered = rows.sort_values(
        [group, "score", "listener"], ascending=[True, False, True], kind="stable"
    )
    return ordered.drop_duplicates([group, "listener"]).reset_index(drop=True)


def consented(
    listeners: pd.Series, consent: list[pd.DataFrame] | None, consent_required: bool
) -> pd.Series:
    """Whether each listener agreed to personalised ads; a listener the table omits did not."""
    if consent is None:
        return pd.Series(not consent_required, index=listeners.index, dtype=bool)
    agreed = [frame.loc[frame["personalised_ads"].astype(bool), "listener"] for frame in consent]
    return listeners.isin(pd.concat(agreed)) if agreed else listeners.isin([])


def rested(rows: pd.DataFrame, most_exposures: tuple[str, int] | None) -> pd.DataFrame:
    """The rows of those who have not yet met the group more often than the frequency cap."""
    if most_exposures is None or most_exposures[0] not in rows.columns:
        return rows
    column, most = most_exposures
    return rows[~(rows[column] > most)]


def top_share(eligible: pd.DataFrame, group: str, share: float) -> pd.DataFrame:
    """The best ``share`` of each group's listeners, rounded up, with their ``rank`` from 1."""
    rank = eligible.groupby(group).cumcount() + 1
    size = eligible.groupby(group)["listener"].transform("size")
    # A tenth of 30 is 3, but 0.1 * 30 is a little more.
    places = np.ceil(np.round(size * share, 9))
    return eligible.assign(rank=rank.astype("int64"))[rank <= places]


def _limits(scores: list[pd.DataFrame], most: int | None) -> list[str]:
    full = sum(most is not None and frame["listener"].nunique() >= most for frame in scores)
    if not full:
        return []
    return [
        f"In {full} of {len(scores)} shards only the {most:,} listeners seen last were scored; "
        "more shards would reach everybody."
    ]


def _tired(pairs: int, most_exposures: tuple[str, int] | None, group: str) -> list[str]:
    if most_exposures is None or not pairs:
        return []
    column, most = most_exposures
    return [f"{pairs:,} times a listener was left out of a {group}'s audience for having met it "
            f"more than {most} times already ({column})."]  # fmt: skip


def _silent(consent: list[pd.DataFrame] | None, consent_required: bool) -> bool:
    return consent is None and consent_required


def _audience(name: str, title: str, listeners: int, minimum: int, withheld: str) -> dict:
    published = listeners >= minimum and not withheld
    reason = withheld or f"fewer than {minimum:,} listeners"
    return {
        "audience": str(name),
        "title": title,
        "listeners": listeners if published else 0,
        "published": published,
        "reason": f"{listeners:,} listeners" if published else f"not published: {reason}",
    }
