"""Discovering segments, seldom, and freezing what they are so that every night means the same.

A definition is JSON anyone can read: the features, how they were scaled, a projection, the
centers, and a name per segment. Between two discoveries nothing about it moves, so a listener
changes segment only because the listening changed (what that costs: `benchmarks.segment_nights`).
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml import cluster_choice, clustering
from ml.scaling import fit_scaling, scale
from ml.segments import identity
from ml.segments.frozen import labels_in_pieces
from ml.segments.observed import MINIMUM_PLAYS, WINDOW, Observed, drawn, observe
from ml.segments.profile import describe

FAMILY = "user_segmentation"
VALID = 35
"""Days a definition may be used: until the next discovery, 28 days on, and a week of grace."""

FEWEST, MOST = 4, 8
LISTENERS_PER_SEGMENT = 8
MINIMUM_SHARE = 0.03
SHAKY = 0.6
SEED = 7

LOGGED = (
    "plays_per_active_day_28d",
    "minutes_per_active_day_28d",
    "plays_per_session_28d",
    "sessions_per_active_day_28d",
    "session_minutes_28d",
)


def discover(
    *, history: list[dict[str, pd.DataFrame]], as_of: dt.date, previous: dict | None = None
) -> dict:
    """``definitions.json`` and ``profile.parquet`` from the 28 days of listening up to ``as_of``.

    Only listeners with at least 20 plays take part (and at most 10,000 of them, drawn by a hash
    of their pseudonym). The method and the number of segments are those of
    :func:`ml.cluster_choice.choose`. With too few listeners for two segments the definitions are
    empty and say so. ``previous`` is what this function gave for the discovery before: a segment
    that is still there keeps its id, name and color (:mod:`ml.segments.identity`).
    """
    before = None if previous is None else previous["definitions.json"]
    return define(observe(history, as_of, before), as_of, before)


def define(seen: Observed, as_of: dt.date, before: dict | None = None) -> dict:
    """As `discover`, from what was observed; ``before`` are the definitions that stood so far."""
    features = seen.features
    scaling = fit_scaling(features, {name: transform_of(name) for name in map(str, features)})
    learnt = scale(features.loc[drawn(features.index)], scaling)
    odd_even = None
    if seen.halves is not None:
        odd_even = scale(seen.halves[0], scaling), scale(seen.halves[1], scaling)
    candidates = _candidates(learnt, odd_even)
    chosen = cluster_choice.choose(candidates, MINIMUM_SHARE) if candidates else None
    grouping = _grouping(learnt, chosen)
    labels = labels_in_pieces(features if chosen else features.head(0), scaling, grouping)
    identities = identity.match(before, seen.labels_before, labels, as_of)
    grouping = grouping.ordered(identities.order)
    definitions = {
        "family": FAMILY,
        "as_of": as_of.isoformat(),
        "expires": (as_of + dt.timedelta(VALID)).isoformat(),
        "window_days": WINDOW,
        "minimum_plays": MINIMUM_PLAYS,
        "listeners": len(features),
        "vocabulary": seen.vocabulary,
        "features": list(scaling),
        "scaling": scaling,
        "projection": grouping.projection.tolist(),
        "centers": grouping.centers.tolist(),
        "quality": _quality(chosen, candidates, odd_even is not None),
        "notes": _notes(seen, chosen),
        "next_id": identities.next_id,
        "previous": identities.previous,
    }
    placed = np.argsort(identities.order)[labels.to_numpy()]
    return describe(definitions, identities.segments, features, seen.hours, placed)


def transform_of(feature: str) -> str:
    """How a feature is bent before it is scaled: shares and rates by the root, amounts by the log.

    >>> transform_of("device_share_car"), transform_of("skip_rate_28d"), transform_of("tempo")
    ('root', 'root', 'none')
    """
    if feature in LOGGED:
        return "log"
    return "root" if "_share" in feature or "_rate" in feature else "none"


def sizes_to_try(listeners: int) -> range:
    """How many segments may be tried: 4 to 8, fewer while there are not 8 listeners for each.

    >>> [list(sizes_to_try(n)) for n in (1000, 40, 12)]
    [[4, 5, 6, 7, 8], [2, 3, 4, 5], []]
    """
    most = min(MOST, listeners // LISTENERS_PER_SEGMENT)
    return range(FEWEST if most == MOST else 2, most + 1)


def _candidates(
    learnt: np.ndarray, halves: tuple[np.ndarray, np.ndarray] | None
) -> list[dict]:
    sizes = sizes_to_try(len(np.unique(learnt, axis=0)) if learnt.shape[1] else 0)
    return cluster_choice.candidates(learnt, halves, sizes, SEED)


def _grouping(learnt: np.ndarray, chosen: dict | None) -> clustering.Grouping:
    if chosen is None:
        return clustering.Grouping(np.zeros((learnt.shape[1], 0)), np.zeros((0, 0)))
    return clustering.fit(learnt, chosen["k"], SEED)[chosen["method"]]


def _quality(chosen: dict | None, candidates: list[dict], held_out: bool) -> dict:
    return {
        "method": chosen["method"] if chosen else None,
        "k": chosen["k"] if chosen else 0,
        "usefulness_held_out": held_out,
        "candidates": candidates,
    }


def _notes(seen: Observed, chosen: dict | None) -> list[str]:
    taking_part = f"{len(seen.features):,} of {seen.heard:,} listeners"
    notes = [f"{taking_part} had {MINIMUM_PLAYS} plays or more."]
    if chosen is None:
        needed = 2 * LISTENERS_PER_SEGMENT
        notes.append(f"No segments: at least {needed} listeners who differ are needed for two.")
    elif chosen["stability"] < SHAKY:
        steady = chosen["stability"]
        notes.append(f"The segments cut a continuum: resampled, they agree by {steady:.2f} (of 1).")
    if chosen is not None and chosen["usefulness"] <= 0:
        notes.append("The segments say nothing of what their listeners do on other days.")
    if chosen is not None and seen.halves is None:
        notes.append("Usefulness was judged on the days themselves: there are not enough others.")
    if there := seen.vocabulary["scene"]:
        notes.append(f"No track has a genre: {len(there)} scenes of artists stand in for genres.")
    elif not seen.described:
        notes.append("Moods and genres are not used: the tracks played are not described.")
    return notes
