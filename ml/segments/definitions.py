"""Discovering segments, seldom, and freezing what they are so that every night means the same.

A definition is JSON anyone can read: the features, how they were scaled, a projection, the
centers, and a name per segment. Between two discoveries nothing about it moves, so a listener
changes segment only because the listening changed (clustering every day keeps 12 % of the labels).
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml import cluster_choice, clustering
from ml.features import choices, listening
from ml.features.day_parts import HOURS
from ml.features.listening_day import ARTIST, KINDS
from ml.scaling import fit_scaling, scale
from ml.segments import identity, scenes
from ml.segments.frozen import full_features, labels_in_pieces, labels_of
from ml.segments.profile import describe

__all__ = ["FAMILY", "WINDOW", "discover", "full_features", "labels_of"]

FAMILY = "user_segmentation"
WINDOW = 28
VALID = 35
"""Days a definition may be used: until the next discovery, 28 days on, and a week of grace."""

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
    window = listening.totals(listening.gather(history), as_of, WINDOW)
    vocabulary = _vocabulary(window)
    features = full_features(window, vocabulary)[window.sums["plays"] >= MINIMUM_PLAYS]
    scaling = fit_scaling(features, {name: transform_of(name) for name in map(str, features)})
    drawn = features.index[_drawn(features.index, SAMPLE)]
    learnt = scale(features.loc[drawn], scaling)
    halves = _halves(history, as_of, vocabulary, scaling, drawn)
    candidates = _candidates(learnt, halves)
    chosen = cluster_choice.choose(candidates, MINIMUM_SHARE) if candidates else None
    grouping = _grouping(learnt, chosen)
    labels = labels_in_pieces(features if chosen else features.head(0), scaling, grouping)
    before = None if previous is None else previous["definitions.json"]
    identities = _identities(before, window, labels, as_of)
    grouping = grouping.ordered(identities.order)
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
        "projection": grouping.projection.tolist(),
        "centers": grouping.centers.tolist(),
        "quality": _quality(chosen, candidates, halves is not None),
        "notes": _notes(window, features, chosen, halves is not None),
        "next_id": identities.next_id,
        "previous": identities.previous,
    }
    hours = window.sums.loc[features.index, list(HOURS)]
    placed = np.argsort(identities.order)[labels.to_numpy()]
    return describe(definitions, identities.segments, features, hours, placed)


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


def _identities(
    before: dict | None, window: listening.Totals, labels: pd.Series, as_of: dt.date
) -> identity.Identities:
    labels_before = None if before is None else labels_of(window, before)
    return identity.match(before, labels_before, labels, as_of)


def _halves(
    history: list[dict[str, pd.DataFrame]],
    as_of: dt.date,
    vocabulary: dict,
    scaling: dict,
    drawn: pd.Index,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Points of the ``drawn`` heard on odd and on even days, from either; None if there are none.

    Every weekday is in both halves of the window.
    """
    windows = [
        listening.totals(listening.gather(_of_parity(history, parity, drawn)), as_of, WINDOW)
        for parity in (0, 1)
    ]
    heard = drawn[drawn.isin(windows[0].sums.index) & drawn.isin(windows[1].sums.index)]
    if len(heard) < 2 * LISTENERS_PER_SEGMENT:
        return None
    odd, even = (
        scale(full_features(window, vocabulary).reindex(heard), scaling) for window in windows
    )
    return odd, even


def _of_parity(history: list[dict], parity: int, listeners: pd.Index) -> list[dict]:
    epoch = pd.Timestamp(0)
    found = []
    for part in history:
        kept = {}
        for name, frame in part.items():
            turn = (frame["day"] - epoch).dt.days % 2 == parity
            kept[name] = frame[turn & frame["listener"].isin(listeners)]
        found.append(kept)
    return found


def _vocabulary(window: listening.Totals) -> dict:
    """The common values of each kind of choice, and scenes of artists where no genre is known."""
    known: dict = {kind: _common(window.choices, kind) for kind in KINDS}
    listeners = window.sums.index[window.sums["plays"] >= MINIMUM_PLAYS]
    drawn = listeners[_drawn(listeners, SAMPLE)]
    artists = choices.counted(window, ARTIST)
    artists = artists[artists["listener"].isin(drawn)]
    return {**known, "scene": [] if known["genre"] else scenes.learn(artists)}


def _common(chosen: pd.DataFrame, kind: str) -> list[str]:
    """The values of ``kind`` with at least 1 % of the known plays, at most twelve, by name."""
    plays = chosen[chosen["kind"] == kind].groupby("value")["plays"].sum().reset_index()
    total = int(plays["plays"].sum())
    common = plays[plays["plays"] >= CHOICE_SHARE * total]
    ranked = common.sort_values(["plays", "value"], ascending=[False, True], kind="stable")
    return sorted(str(value) for value in ranked["value"].head(CHOICES_PER_KIND))


def _drawn(listeners: pd.Index, count: int) -> np.ndarray:
    """Positions of at most ``count`` listeners, drawn by a hash of their names, in their order."""
    hashed = pd.util.hash_array(np.asarray(listeners, dtype=object), categorize=False)
    return np.sort(np.argsort(hashed, kind="stable")[:count])


def _quality(chosen: dict | None, candidates: list[dict], held_out: bool) -> dict:
    return {
        "method": chosen["method"] if chosen else None,
        "k": chosen["k"] if chosen else 0,
        "usefulness_held_out": held_out,
        "candidates": candidates,
    }


def _notes(
    window: listening.Totals, features: pd.DataFrame, chosen: dict | None, held_out: bool
) -> list[str]:
    heard = len(window.sums)
    notes = [f"{len(features):,} of {heard:,} listeners had {MINIMUM_PLAYS} plays or more."]
    if chosen is None:
        needed = 2 * LISTENERS_PER_SEGMENT
        notes.append(f"No segments: at least {needed} listeners who differ are needed for two.")
    elif chosen["stability"] < SHAKY:
        steady = chosen["stability"]
        notes.append(f"The segments cut a continuum: resampled, they agree by {steady:.2f} (of 1).")
    if chosen is not None and chosen["usefulness"] <= 0:
        notes.append("The segments say nothing of what their listeners do on other days.")
    if chosen is not None and not held_out:
        notes.append("Usefulness was judged on the days themselves: there are not enough others.")
    if not int(window.sums["toned"].sum()):
        notes.append("Moods and genres are not used: the tracks played are not described.")
    return notes
