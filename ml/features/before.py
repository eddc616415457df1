"""What happened earlier on the same day, strictly before each row's moment."""

import pandas as pd

from ml.features.membership import among


def before(rows: pd.DataFrame, events: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per row, how many events of its keys lie strictly before its ``at``, and the last of them.

    Returns columns ``count`` (int64), ``last`` (when; NaT if none) and the sums so far of the
    other columns of ``events``, in the rows' index. Events at the very moment of a row are not
    seen by it, so a source that logs no time of day (all at midnight) sees nothing of today.
    The first of ``keys`` is text.
    """
    happened = events[among(events[keys[0]], rows[keys[0]])]
    if rows.empty or happened.empty:
        return _nothing(rows, events.columns.difference([*keys, "at"]))
    happened = happened.sort_values("at", kind="stable").reset_index(drop=True)
    grouped = happened.groupby(keys, sort=False)
    known = happened[[*keys, "at"]].assign(count=grouped.cumcount() + 1, last=happened["at"])
    for extra in happened.columns.difference(known.columns):
        known[extra] = grouped[extra].cumsum()
    moments = rows[[*keys, "at"]].assign(row=range(len(rows)))
    found = pd.merge_asof(
        moments.sort_values("at", kind="stable"), known, on="at", by=keys, allow_exact_matches=False
    )
    found = found.sort_values("row").drop(columns=[*keys, "at", "row"]).set_index(rows.index)
    numbers = found.columns.drop("last")
    return found.assign(**found[numbers].fillna(0).astype("int64"))


def _nothing(rows: pd.DataFrame, sums: pd.Index) -> pd.DataFrame:
    # An as-of join of empty frames of strings is refused by Arrow.
    none = pd.DataFrame(0, index=rows.index, columns=["count", *sums], dtype="int64")
    return none.assign(last=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ms]"))
