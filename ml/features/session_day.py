"""One day of listening session by session, so that a listener can be seen as a newcomer.

A newcomer is known by one session or three. What such a view is worth can only be learnt from
listeners who are known well, looking at a few of their sessions; so the partials of whole days
are not enough. Only some listeners are needed to learn from.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.coded import plain
from ml.features.listening_day import chosen, counted, marked, on_day

LEARNERS = 20_000
"""Listeners of a day and shard whose sessions are kept: those with the smallest hashes, who are
nearly the same every day."""


def summary(day: dt.date, plays: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """``sessions`` and ``session_choices``: the partials of the day by listener and ``session``.

    Sessions are numbered from 0 in the order they began. The counts are those of
    :func:`ml.features.listening_day.summarise`, of one session each. ``plays`` are ordered and
    described (:func:`ml.features.plays.described`).
    """
    marks = marked(plays)
    learners = _learners(plays["listener"])
    plays = plays.assign(session=_numbers(plays))
    kept = plays[learners].reset_index(drop=True)
    marks = {name: rows[learners] for name, rows in marks.items()}
    begins = kept["starts"].to_numpy()
    first = plain(kept.loc[begins, ["listener", "session"]]).reset_index(drop=True)
    return {
        "sessions.parquet": on_day(day, counted(begins, first, kept, marks)),
        "session_choices.parquet": on_day(day, chosen(kept, marks, ["listener", "session"])),
    }


def _learners(listeners: pd.Series) -> np.ndarray:
    codes, names = pd.factorize(listeners)
    hashed = pd.util.hash_array(np.asarray(names, dtype=object), categorize=False)
    kept = np.zeros(len(names), dtype=bool)
    kept[np.argsort(hashed, kind="stable")[:LEARNERS]] = True
    return kept[codes]


def _numbers(plays: pd.DataFrame) -> pd.Series:
    """The number of each play's session among its listener's of the day (int64)."""
    return plays.groupby("listener", observed=True)["starts"].cumsum().astype("int64") - 1

