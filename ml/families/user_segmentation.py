"""User segmentation: who listens like whom, said in words and assigned every night.

Definitions are discovered on a slow clock and frozen; every night a model assigns listeners to
them, with probabilities, so that a listener seen for the first time gets an honest answer.
"""

import datetime as dt
import json
from pathlib import Path

import pandas as pd

from ml.family import Family, Frames, Gate, ModelRecipe, Windows
from ml.features import listening_day, session_day
from ml.features import playcounts as played
from ml.features.plays import described
from ml.segments import assignment, definitions
from ml.segments.definitions import FAMILY
from ml.segments.observed import WINDOW


def summarise(
    *,
    day: dt.date,
    listens: pd.DataFrame | None = None,
    playcounts: pd.DataFrame | None = None,
    tracks: pd.DataFrame | None = None,
    artists: pd.DataFrame | None = None,
) -> Frames:
    """One day of one shard as integer partials of listening, by listener and by session.

    Where there is no log of plays, their counts by artist say what they can.
    """
    if listens is None and playcounts is not None:
        return played.summarise(day, playcounts, artists)
    plays = described(listens, tracks, artists)
    return listening_day.summary(day, plays) | session_day.summary(day, plays)


def discover(
    *, history: list[Frames], as_of: dt.date, previous: Path | None = None
) -> Frames:
    """The definitions of ``as_of``; ``previous`` is the file of those discovered before."""
    before = None
    if previous is not None:
        before = {"definitions.json": json.loads(previous.read_text(encoding="utf-8"))}
    return definitions.discover(history=history, as_of=as_of, previous=before)


USER_SEGMENTATION = Family(
    name=FAMILY,
    title="User segmentation",
    question="Which group of listeners does this listener listen like?",
    required_tables=(),
    one_of=("listens", "playcounts"),
    optional_tables=("tracks", "artists", "listeners", "consent", "forgotten", "friendships"),
    # Nothing has to mature: the night's day is train, stop and test, split by listener.
    windows=Windows(history=WINDOW, train=1, stop=1, test=1, maturity=0),
    model=ModelRecipe(
        objective="multiclass",
        features=assignment.FEATURES,
        categorical=assignment.MAIN,
        open_features=assignment.OPEN_FEATURES,
        parameters=(
            ("learning_rate", 0.08),
            ("num_leaves", 15),
            ("min_data_in_leaf", 20),
            ("feature_fraction", 0.7),
            ("lambda_l2", 1.0),
        ),
        rounds=300,
        patience=20,
    ),
    summarise=summarise,
    examples=assignment.examples,
    candidates=assignment.candidates,
    slices=assignment.SLICES,
    slice_rows=100,
    curves=(("plays_28d", "Plays in the 28 days before"),),
    gates=(
        Gate("better than guessing by size", "normalized_entropy", high=0.8),
        Gate("usually right", "accuracy", low=0.6),
        Gate("calibrated", "calibration_error", high=0.05, minimum_rows=100, certain=True),
        Gate(
            "calibrated in every large slice",
            "calibration_error",
            high=0.1,
            on="slices",
            minimum_rows=500,
            certain=True,
        ),
        Gate("few change segment", "churn", high=0.06, on="churn", minimum_rows=200, certain=True,
             of=("same definitions",)),
        Gate("new definitions keep most", "churn", high=0.4, on="churn", minimum_rows=200,
             certain=True, of=("new definitions",)),
        Gate("not worse than the champion", "normalized_entropy", high=0.005, on="champion"),
    ),
    keys=("listener", "enough_evidence"),
    settle=assignment.answers,
    audience_group="segment",
    audience_share=1.0,
    split="listener",
    discover=discover,
    discover_every=28,
    hysteresis=0.2,
)
