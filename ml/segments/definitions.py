"""Discovering segments, seldom, and freezing what they are so that every night means the same.

A definition is JSON anyone can read: the features, how they were scaled, the centers, and a name
per segment. Between two discoveries nothing about it moves, so a listener changes segment only
because the listening changed (clustering every day keeps 12 % of the labels).
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml import clustering
from ml.features import choices, listening
from ml.features.day_parts import HOURS
from ml.features.listening_day import KINDS
from ml.features.plays import MOODS
from ml.segments.profile import describe

FAMILY = "user_segmentation"
WINDOW = 28
VALID = 35
"""Days a definition may be used: a discovery every 28 days, and a week to notice it failed."""

MINIMUM_PLAYS = 20
SAMPLE = 10_000
FEWEST, MOST = 4, 8
LISTENERS_PER_SEGMENT = 8
MINIMUM_SHARE = 0.03
SHAKY = 0.6
SEED = 7
CHOICES_PER_KIND = 12
CHOICE_SHARE = 0.01

LOGGED = (
    "plays_per_active_day_28d",
    "minutes_per_active_day_28d",
    "plays_per_session_28d",
    "sessions_per_active_day_28d",
)
BEHAVIOUR = (
    "active_days_28d",
    "plays_per_active_day_28d",
    "minutes_per_active_day_28d",
    "skip_rate_28d",
    "listen_through_rate_28d",
    "day_repeat_rate_28d",
    "repeat_share_28d",
    "plays_per_session_28d",
    "sessions_per_active_day_28d",
    "single_play_share_28d",
    *(f"{part}_share_28d" for part in listening.DAY_PARTS),
    "hour_concentration_28d",
    "weekend_share_28d",
    *(f"{mood}_mean_28d" for mood in MOODS),
)
"""What discovery looks at, all alike, with genre concentration and the shares of common choices.

Weighing topics equally instead, or features by how well half the days predict the other half,
found planted segments less well.
"""


def discover(*, history: list[dict[str, pd.DataFrame]], as_of: dt.date) -> dict:
    """``definitions.json`` and ``profile.parquet`` from the 28 days of listening up to ``as_of``.

    Only listeners with at least 20 plays take part (and at most 10,000 of them, drawn by a hash
    of their pseudonym). The number of segments is the stablest under resampling. With too few
    listeners for two segments the definitions are empty and say so.
    """
    window = listening.totals(listening.gather(history), as_of, WINDOW)
    vocabulary = {kind: _common(window.choices, kind) for kind in KINDS}
    features = full_features(window, vocabulary)[window.sums["plays"] >= MINIMUM_PLAYS]
    scaling = clustering.fit_scaling(features, LOGGED)
    points = clustering.scale(features, scaling)
    learnt = points[_drawn(features.index, SAMPLE)]
    candidates = [clustering.candidate(learnt, k, SEED) for k in sizes_to_try(len(learnt))]
    k = clustering.choose(candidates, MINIMUM_SHARE) if candidates else 0
    centers = clustering.centers_of(learnt, k, SEED) if k else np.zeros((0, len(scaling)))
    definitions = {
        "family": FAMILY,
        "as_of": as_of.isoformat(),
        "expires": (as_of + dt.timedelta(VALID)).isoformat(),
        "window_days": WINDOW,
        "minimum_plays": MINIMUM_PLAYS,
        "listeners": len(features),
        "vocabulary": vocabulary,
        "features": list(scaling),
        "scaling": scaling,
        "centers": centers.tolist(),
        "quality": {"k": k, "candidates": candidates},
        "notes": _notes(window, features, candidates, k),
    }
    labels = clustering.nearest(points, centers) if k else np.zeros(0, dtype=np.int64)
    hours = window.sums.loc[features.index, list(HOURS)]
    return describe(definitions, features, hours, labels)


def full_features(window: listening.Totals, vocabulary: dict[str, list[str]]) -> pd.DataFrame:
    """All that discovery looks at, per listener, with a share for each choice in ``vocabulary``."""
    behaviour = listening.behaviour(window)[list(BEHAVIOUR)]
    genres = choices.concentration(window, "genre")
    shares = [choices.choice_shares(window, kind, vocabulary[kind]) for kind in KINDS]
    return pd.concat([behaviour, genres, *shares], axis=1)


def labels_of(window: listening.Totals, definitions: dict) -> pd.Series:
    """The nearest frozen center of each listener with enough plays (int64, index listener)."""
    enough = window.sums["plays"] >= definitions["minimum_plays"]
    features = full_features(window, definitions["vocabulary"])[enough]
    points = clustering.scale(features, definitions["scaling"])
    if not definitions["segments"]:
        return pd.Series(0, index=features.index[:0], dtype=np.int64)
    labels = clustering.nearest(points, np.array(definitions["centers"], dtype=float))
    return pd.Series(labels, index=features.index, dtype=np.int64)


def sizes_to_try(listeners: int) -> range:
    """How many segments may be tried: 4 to 8, fewer while there are not 8 listeners for each.

    >>> [list(sizes_to_try(n)) for n in (1000, 40, 12)]
    [[4, 5, 6, 7, 8], [2, 3, 4, 5], []]
    """
    most = min(MOST, listeners // LISTENERS_PER_SEGMENT)
    return range(FEWEST if most == MOST else 2, most + 1)


def _common(choices: pd.DataFrame, kind: str) -> list[str]:
    """The values of ``kind`` with at least 1 % of the known plays, at most twelve, by name."""
    plays = choices[choices["kind"] == kind].groupby("value")["plays"].sum().reset_index()
    total = int(plays["plays"].sum())
    common = plays[plays["plays"] >= CHOICE_SHARE * total]
    ranked = common.sort_values(["plays", "value"], ascending=[False, True], kind="stable")
    return sorted(str(value) for value in ranked["value"].head(CHOICES_PER_KIND))


def _drawn(listeners: pd.Index, count: int) -> np.ndarray:
    """Positions of at most ``count`` listeners, drawn by a hash of their names, in their order."""
    hashed = pd.util.hash_array(np.asarray(listeners, dtype=object), categorize=False)
    return np.sort(np.argsort(hashed, kind="stable")[:count])


def _notes(
    window: listening.Totals, features: pd.DataFrame, candidates: list[dict], k: int
) -> list[str]:
    heard = len(window.sums)
    notes = [f"{len(features):,} of {heard:,} listeners had {MINIMUM_PLAYS} plays or more."]
    if not candidates:
        needed = 2 * LISTENERS_PER_SEGMENT
        notes.append(f"No segments: at least {needed} such listeners are needed for two.")
    elif (steady := next(c["stability"] for c in candidates if c["k"] == k)) < SHAKY:
        notes.append(f"The segments cut a continuum: resampled, they agree by {steady:.2f} (of 1).")
    if not int(window.sums["toned"].sum()):
        notes.append("Moods and genres are not used: the tracks played are not described.")
    return notes
