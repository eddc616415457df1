"""Who belongs where tonight: the model's answer, and a listener's reluctance to change.

Near a border between two segments the most probable one changes with every evening. So a
listener keeps last night's segment until another is more probable by a margin (hysteresis); a
marketing team's audience then changes because the listening did. Nothing is kept of a segment
that no longer exists, nor for a listener of whom too little is known.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml import examples
from ml.examples import Shards
from ml.segments.assignment import UNKNOWN
from ml.segments.reasons import reasons_of

PREFIX = "probability_"
NOTHING = ""
COLUMNS = {
    "listener": "str",
    "segment": "str",
    "name": "str",
    "probability": "float64",
    "best": "str",
    "best_probability": "float64",
    "since": "datetime64[ms]",
    "previous": "str",
    "held": "bool",
    "reasons": "str",
}


def assign(
    scores: pd.DataFrame,
    names: dict,
    previous: Shards = (),
    *,
    night: dt.date,
    margin: float,
) -> pd.DataFrame:
    """The membership of every scored listener, sorted by listener; columns as in COLUMNS.

    ``scores`` have ``segment`` (the most probable one's id, or "unknown yet"), its
    ``probability`` and ``probability_<id>`` of every segment the model knows; ``previous`` is the
    membership of the night before (frames, or files), ``names`` what segments are called.
    ``margin`` is by how much another segment must be more probable before a listener changes.
    ``since`` is the night the listener came into the segment, ``held`` whether only the margin
    kept them there; ``reasons`` are left empty.
    """
    before = earlier(scores["listener"], previous)
    kept, held = settled(scores, before["segment"], margin)
    stayed = kept == before["segment"]
    tonight = pd.Timestamp(night).as_unit("ms")
    called = {one["id"]: one["name"] for one in names["names.json"]["segments"]}
    rows = pd.DataFrame(
        {
            "listener": scores["listener"],
            "segment": kept,
            "name": kept.map(called | {UNKNOWN: UNKNOWN}).fillna(kept),
            "probability": probability_of(scores, kept),
            "best": scores["segment"],
            "best_probability": scores["probability"].where(scores["segment"] != UNKNOWN),
            "since": before["since"].where(stayed, tonight),
            "previous": before["segment"],
            "held": held,
            "reasons": NOTHING,
        }
    )
    return rows.astype(COLUMNS).sort_values("listener", kind="stable", ignore_index=True)


def explained(
    scores: pd.DataFrame,
    candidates: pd.DataFrame,
    definitions: dict,
    names: dict,
    previous: Shards = (),
    *,
    night: dt.date,
    margin: float,
) -> pd.DataFrame:
    """As `assign`, with what speaks for each listener's segment rather than for the next nearest.

    ``candidates`` are what was scored, described as ``definitions`` describe listeners.
    """
    rows = assign(scores, names, previous, night=night, margin=margin)
    frozen = definitions["definitions.json"]
    if not frozen["segments"]:
        return rows
    place = {one["id"]: number for number, one in enumerate(frozen["segments"])}
    defined = rows["segment"].isin(place)
    known = rows[defined]
    features = candidates.set_index("listener").loc[known["listener"], frozen["features"]]
    said = reasons_of(features, frozen, known["segment"].map(place).to_numpy())
    rows.loc[defined, "reasons"] = said.to_numpy(dtype=object)
    return rows.astype(COLUMNS)


def settled(
    scores: pd.DataFrame, before: pd.Series, margin: float
) -> tuple[pd.Series, pd.Series]:
    """The segment each listener is in after the margin, and whether the margin decided (bool).

    >>> scores = pd.DataFrame({"segment": ["s2", "s2"], "probability": [0.5, 0.8],
    ...                        "probability_s1": [0.45, 0.1], "probability_s2": [0.5, 0.8]})
    >>> settled(scores, pd.Series(["s1", "s1"]), 0.2)[0].tolist()
    ['s1', 's2']
    """
    best = scores["segment"]
    standing = probability_of(scores, before)
    gain = scores["probability"] - standing
    held = standing.notna() & (best != UNKNOWN) & (best != before) & ~(gain > margin)
    return before.where(held, best).astype("str"), held.astype(bool)


def probability_of(scores: pd.DataFrame, segments: pd.Series) -> pd.Series:
    """The probability of a segment for each listener; NaN where the model does not know it."""
    known = [name for name in map(str, scores) if name.startswith(PREFIX)]
    place = pd.Index([name.removeprefix(PREFIX) for name in known]).get_indexer(pd.Index(segments))
    found = np.full(len(scores), np.nan)
    rows = np.flatnonzero(place >= 0)
    found[rows] = scores[known].to_numpy(dtype=float)[rows, place[rows]]
    return pd.Series(found, index=scores.index)


def earlier(listeners: pd.Series, previous: Shards) -> pd.DataFrame:
    """``segment`` ("" for none) and ``since`` of each listener on the night before."""
    columns = ["listener", "segment", "since"]
    read = [examples.columns(shard, columns) for shard in previous]
    known = pd.concat(read) if read else _nobody()
    known = known.drop_duplicates("listener").set_index("listener")
    found = known.reindex(pd.Index(listeners)).set_index(listeners.index)
    return found.assign(segment=found["segment"].fillna(NOTHING).astype("str"))


def _nobody() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=COLUMNS[name])
                         for name in ("listener", "segment", "since")})  # fmt: skip
