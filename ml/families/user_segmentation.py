"""User segmentation: who listens like whom, said in words and assigned every night.

Definitions are discovered on a slow clock and frozen; every night a model assigns listeners to
them, with probabilities, so that a listener seen for the first time gets an honest answer.
"""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ml.family import Family, Frames, Gate, ModelRecipe, Windows
from ml.features import listening_day
from ml.features.listening_day import HOURS
from ml.segments import assignment
from ml.segments.definitions import FAMILY, WINDOW, discover


def summarise(
    *,
    day: dt.date,
    listens: pd.DataFrame,
    impressions: pd.DataFrame | None = None,
    outcomes: pd.DataFrame | None = None,
    tracks: pd.DataFrame | None = None,
    campaigns: pd.DataFrame | None = None,
) -> Frames:
    """One day of one shard as integer partials of listening; advertising is not read."""
    return listening_day.summarise(day, listens, tracks)


def pool(partials: Sequence[Frames]) -> Frames:
    """``hours.parquet``: everybody's plays by day and hour, the sum of the shards."""
    frames = [part["listening.parquet"][["day", *HOURS]] for part in partials]
    hours = pd.concat(frames, ignore_index=True).groupby("day", sort=True)[list(HOURS)].sum()
    long = hours.set_axis(range(len(HOURS)), axis=1).stack().reset_index()
    long.columns = pd.Index(["day", "hour", "plays"])
    return {"hours.parquet": long.astype({"hour": "int64", "plays": "int64"})}


def examples(
    *,
    day: dt.date,
    history: Sequence[Frames],
    definitions: dict,
    listens: pd.DataFrame | None = None,
    impressions: pd.DataFrame | None = None,
    outcomes: Sequence[pd.DataFrame] = (),
    pooled: Sequence[Frames] = (),
    tracks: pd.DataFrame | None = None,
    campaigns: pd.DataFrame | None = None,
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Listeners of a shard at the end of ``day``, with their segment (see ml.segments.assignment).

    ``history`` includes ``day`` itself; all that is said about listening is in the summaries.
    """
    return assignment.examples(
        day=day, history=history, definitions=definitions, listeners=listeners, consent=consent
    )


def candidates(
    *,
    day: dt.date,
    history: Sequence[Frames],
    definitions: dict,
    pooled: Sequence[Frames] = (),
    tracks: pd.DataFrame | None = None,
    campaigns: pd.DataFrame | None = None,
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every listener of a shard, also those seen for the first time on ``day``."""
    return assignment.candidates(
        day=day, history=history, definitions=definitions, listeners=listeners, consent=consent
    )


USER_SEGMENTATION = Family(
    name=FAMILY,
    title="User segmentation",
    question="Which group of listeners does this listener listen like?",
    required_tables=("listens",),
    optional_tables=("tracks", "listeners", "consent", "forgotten"),
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
    pool=pool,
    examples=examples,
    candidates=candidates,
    slices=assignment.SLICES,
    gates=(
        Gate("better than guessing by size", "normalized_entropy", high=0.8),
        Gate("usually right", "accuracy", low=0.6),
        Gate("calibrated", "calibration_error", high=0.05),
        Gate("calibrated by slice", "calibration_error", high=0.1, on="slices", minimum_rows=1000),
        Gate("not worse than the champion", "normalized_entropy", high=0.005, on="champion"),
    ),
    keys=("listener", "enough_evidence"),
    settle=assignment.answers,
    audience_group="segment",
    audience_share=1.0,
    split="listener",
    discover=discover,
    discover_every=28,
)
