"""Listening of which only play counts are known, as the partials of one day.

A play count says who played whom how often, ever. It knows no moment, no length, no device and
no track, so every count that needs one of these is 0: nothing is invented.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.features import distinct, listening_day, session_day
from ml.features.plays import called, described
from ml.tables import PLAYCOUNTS


def summarise(
    day: dt.date, playcounts: pd.DataFrame | None, artists: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """All play counts as if of ``day``, with the partials of a family that segments listeners.

    ``plays`` is the sum over artists, the sketch is of the artists played, and the choices, of
    kind "artist", are called by the artist's name (or id, where ``artists`` lacks it).
    """
    nothing = described(None)
    empty = listening_day.summary(day, nothing) | session_day.summary(day, nothing)
    rows = PLAYCOUNTS.empty() if playcounts is None else playcounts
    return {
        **empty,
        "listening.parquet": _listening(day, rows, empty["listening.parquet"]),
        "choices.parquet": _choices(day, rows, artists, empty["choices.parquet"]),
    }


def _listening(day: dt.date, rows: pd.DataFrame, empty: pd.DataFrame) -> pd.DataFrame:
    """One row per listener; what is not known of a play is counted in none."""
    groups, listeners = pd.factorize(rows["listener"], sort=True)
    plays = np.zeros(len(listeners), dtype=np.int64)
    np.add.at(plays, groups, rows["plays"].to_numpy())
    heard = distinct.sketch(groups, rows["artist"], len(listeners))
    known = pd.DataFrame(heard, columns=list(listening_day.ARTIST_SKETCH)).assign(
        day=pd.Timestamp(day), listener=np.asarray(listeners, dtype=object), plays=plays
    )
    return known.reindex(columns=empty.columns, fill_value=0).astype(empty.dtypes.to_dict())


def _choices(
    day: dt.date, rows: pd.DataFrame, artists: pd.DataFrame | None, empty: pd.DataFrame
) -> pd.DataFrame:
    """Plays by listener and artist, all of them taste; artists of one name are one choice."""
    value = called(rows["artist"], artists)
    counted = rows.assign(value=value).groupby(["listener", "value"], sort=True)["plays"].sum()
    frame = counted.reset_index().assign(day=pd.Timestamp(day), kind=listening_day.ARTIST)
    frame = frame.assign(taste_plays=frame["plays"])
    return frame.reindex(columns=empty.columns, fill_value=0).astype(empty.dtypes.to_dict())
