"""Using frozen definitions: anybody's segment, and the runner-up, from the JSON alone."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.clustering import PIECE, Grouping
from ml.errors import SetlistDataError
from ml.features import choices, listening
from ml.features.day_parts import DAY_PARTS
from ml.features.listening_day import ARTIST, KINDS
from ml.scaling import scale
from ml.segments.scenes import scene_plays

EVIDENCE = ("plays_28d", "days_since_last_play", "days_since_first_play")
"""How much is known of somebody, and since when: not a way to listen."""

THIN = tuple(f"skip_rate_{part}_28d" for part in (*DAY_PARTS, "weekend"))
"""Too few plays stand behind these for a grouping: they describe segments, and make none."""


class DefinitionsExpired(SetlistDataError):
    """Raised when a night would be described by definitions that are no longer valid."""

    def __init__(self, day: dt.date, definitions: dict) -> None:
        super().__init__(day, definitions["as_of"], definitions["expires"])
        self.day = day
        self.as_of, self.expires = definitions["as_of"], definitions["expires"]

    def __str__(self) -> str:
        return (
            f"segment definitions of {self.as_of} cannot be used for {self.day}\n"
            f"  expected  definitions that are valid on {self.day}\n"
            f"  found     definitions that expired after {self.expires}\n"
            "Discover segments anew: a later discovery is due, or the last one failed."
        )


def expired(definitions: dict, day: dt.date) -> bool:
    """Whether ``day`` lies after the last one that ``definitions`` may be used for."""
    return day > dt.date.fromisoformat(definitions["expires"])


def require_valid(definitions: dict, day: dt.date) -> None:
    """Raises DefinitionsExpired unless ``definitions`` may be used for ``day``."""
    if expired(definitions, day):
        raise DefinitionsExpired(day, definitions)


def full_features(window: listening.Totals, vocabulary: dict) -> pd.DataFrame:
    """All that discovery looks at, per listener, with a share for each choice in ``vocabulary``.

    Every behaviour there is but EVIDENCE and THIN, so that a new feature takes part without being
    listed; one that a source cannot give is missing for everybody.
    """
    behaviour = listening.behaviour(window).drop(columns=[*EVIDENCE, *THIN])
    genres = choices.concentration(window, "genre")
    shares = [choices.choice_shares(window, kind, vocabulary[kind]) for kind in KINDS]
    return pd.concat([behaviour, genres, *shares, *_scenes(window, vocabulary)], axis=1)


def _scenes(window: listening.Totals, vocabulary: dict) -> list[pd.DataFrame]:
    """Shares of the scenes that stand in for genres, where there are any."""
    scenes = vocabulary["scene"]
    if not scenes:
        return []
    plays = scene_plays(choices.counted(window, ARTIST), scenes)
    names = [scene["name"] for scene in scenes]
    return [choices.shares_of(plays, window.sums.index, "scene", names)]


def features_of(window: listening.Totals, definitions: dict) -> pd.DataFrame:
    """The features of each listener with enough plays for ``definitions`` (index listener)."""
    enough = window.sums["plays"] >= definitions["minimum_plays"]
    return full_features(window, definitions["vocabulary"])[enough]


def labels_of(window: listening.Totals, definitions: dict) -> pd.Series:
    """The position of the segment of each listener with enough plays (int64, index listener)."""
    return closest(features_of(window, definitions), definitions)["label"].rename(None)


def closest(features: pd.DataFrame, definitions: dict) -> pd.DataFrame:
    """The two nearest segments of each row of ``features``, and how much nearer the first is.

    Columns: label and runner_up (positions in ``segments``, int64; the runner-up is -1 when there
    is one segment only) and membership (float64): the chance of the first if segments are normal
    clouds of one shape and equal size, 1 / sum(exp((d_first - d) / 2)) over squared distances d.
    Empty without segments.
    """
    if not definitions["segments"]:
        features = features.head(0)
    grouping, pieces = grouping_of(definitions), []
    for at in range(0, max(len(features), 1), PIECE):
        points = scale(features.iloc[at : at + PIECE], definitions["scaling"])
        pieces.append(_two_nearest(points, grouping))
    found = pd.concat(pieces, ignore_index=True)
    return found.set_axis(features.index, axis=0)


def labels_in_pieces(features: pd.DataFrame, scaling: dict, grouping: Grouping) -> pd.Series:
    """The closest center of each row (int64), with a piece of the points in memory at a time."""
    pieces = [
        grouping.labels(scale(features.iloc[at : at + PIECE], scaling))
        for at in range(0, len(features), PIECE)
    ]
    found = np.concatenate([*pieces, np.zeros(0, dtype=np.int64)])
    return pd.Series(found, features.index, dtype=np.int64)


def grouping_of(definitions: dict) -> Grouping:
    """The frozen projection and centers as arrays."""
    if not definitions["centers"]:
        return Grouping(np.zeros((len(definitions["scaling"]), 0)), np.zeros((0, 0)))
    return Grouping(
        np.array(definitions["projection"], dtype=float),
        np.array(definitions["centers"], dtype=float),
    )


def _two_nearest(points: np.ndarray, grouping: Grouping) -> pd.DataFrame:
    if not len(grouping.centers):
        empty = np.zeros(0, dtype=np.int64)
        return pd.DataFrame({"label": empty, "runner_up": empty, "membership": empty.astype(float)})
    distances = grouping.distances(points)
    order = np.argsort(distances, axis=1, kind="stable")
    nearer = distances - np.take_along_axis(distances, order[:, :1], axis=1)
    second = order[:, 1] if distances.shape[1] > 1 else np.full(len(points), -1)
    return pd.DataFrame(
        {
            "label": order[:, 0].astype(np.int64),
            "runner_up": second.astype(np.int64),
            "membership": 1 / np.exp(-nearer / 2).sum(axis=1),
        }
    )
