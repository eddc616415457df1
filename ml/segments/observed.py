"""What discovery looks at: how listeners with enough plays listened in a window."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.features import choices, listening
from ml.features.day_parts import HOURS
from ml.features.listening_day import ARTIST, KINDS
from ml.segments import scenes
from ml.segments.frozen import full_features, labels_of

WINDOW = 28
MINIMUM_PLAYS = 20
SAMPLE = 10_000
FEWEST_IN_HALVES = 16
CHOICES_PER_KIND = 12
CHOICE_SHARE = 0.01


@dataclass(frozen=True)
class Observed:
    """A window of listening.

    ``features`` and ``hours`` (plays by hour) have a row for each listener with enough plays.
    ``halves`` are the features of some of them on odd and on even days, None without both.
    ``labels_before`` are the listeners' segments by the definitions before, None without such.
    ``heard`` counts all listeners, ``described`` is whether any track's mood is known.
    """

    features: pd.DataFrame
    hours: pd.DataFrame
    halves: tuple[pd.DataFrame, pd.DataFrame] | None
    vocabulary: dict
    heard: int
    described: bool
    labels_before: pd.Series | None = None


def observe(
    history: list[dict[str, pd.DataFrame]], as_of: dt.date, before: dict | None
) -> Observed:
    """The window of 28 days that ends with ``as_of``, from the summaries of its days."""
    window = listening.totals(listening.gather(history), as_of, WINDOW)
    vocabulary = _vocabulary(window)
    features = full_features(window, vocabulary)[window.sums["plays"] >= MINIMUM_PLAYS]
    return Observed(
        features=features,
        hours=window.sums.loc[features.index, list(HOURS)],
        halves=_halves(history, as_of, vocabulary, drawn(features.index)),
        vocabulary=vocabulary,
        heard=len(window.sums),
        described=bool(window.sums["toned"].sum()),
        labels_before=None if before is None else labels_of(window, before),
    )


def _halves(
    history: list[dict[str, pd.DataFrame]],
    as_of: dt.date,
    vocabulary: dict,
    some: pd.Index,
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Features of those of ``some`` heard on odd and on even days, from either; None if too few.

    Every weekday is in both halves of the window.
    """
    windows = [
        listening.totals(listening.gather(_of_parity(history, parity, some)), as_of, WINDOW)
        for parity in (0, 1)
    ]
    heard = some[some.isin(windows[0].sums.index) & some.isin(windows[1].sums.index)]
    if len(heard) < FEWEST_IN_HALVES:
        return None
    odd, even = (full_features(window, vocabulary).reindex(heard) for window in windows)
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
    artists = choices.counted(window, ARTIST)
    artists = artists[artists["listener"].isin(drawn(listeners))]
    return {**known, "scene": [] if known["genre"] else scenes.learn(artists)}


def _common(chosen: pd.DataFrame, kind: str) -> list[str]:
    """The values of ``kind`` with at least 1 % of the known plays, at most twelve, by name."""
    plays = chosen[chosen["kind"] == kind].groupby("value")["plays"].sum().reset_index()
    total = int(plays["plays"].sum())
    common = plays[plays["plays"] >= CHOICE_SHARE * total]
    ranked = common.sort_values(["plays", "value"], ascending=[False, True], kind="stable")
    return sorted(str(value) for value in ranked["value"].head(CHOICES_PER_KIND))


def drawn(listeners: pd.Index, count: int = SAMPLE) -> pd.Index:
    """At most ``count`` of the listeners, drawn by a hash of their names, in their order."""
    hashed = pd.util.hash_array(np.asarray(listeners, dtype=object), categorize=False)
    return listeners[np.sort(np.argsort(hashed, kind="stable")[:count])]
