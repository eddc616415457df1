"""What segments are good for: how their listeners answer adverts, and whether that was foretold.

A listener counts to the segment of the evening before the impression, from nothing later. So the
figures say what choosing an audience by segment would have known, not what it learnt afterwards.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.calibration import predict
from ml.family import Frames, ModelRecipe
from ml.features import listening
from ml.intervals import Resampling, interval, rate_interval, resample
from ml.metrics import number
from ml.sampling import part
from ml.segments.assignment import UNKNOWN
from ml.segments.frozen import labels_of
from ml.segments.observed import WINDOW
from ml.segments.told import told_by

GREY = "#8a8f94"
DRAWS = 200
SEED = 7


def measure(
    test: list[pd.DataFrame],
    live: dict,
    history: Sequence[Frames],
    definitions: dict,
    names: dict,
    friends: dict | None = None,
    *,
    recipe: ModelRecipe,
    days: Sequence[dt.date],
) -> dict:
    """``usefulness.json``: response and calibration by segment on the ad family's test ``days``.

    ``test`` are its labelled examples, ``live`` its live model (whose probabilities are left out
    where there is none), ``history`` the summaries of listening of the 28 days before each test
    day, ``definitions`` and ``names`` the artifacts. ``recipe`` is the ad model's. Intervals are
    95 %, by resampling listeners; ``friends`` goes into the result as it is.
    """
    rows = part(test, "test")
    gathered = listening.gather(history)
    frozen = definitions["definitions.json"]
    evenings = {day: segments_before(day, gathered, frozen) for day in days}
    rows = rows.assign(segment=_segment_of(rows, evenings))
    foretold = predict(live, live, rows, recipe) if "model.txt" in live and len(rows) else None
    drawn = resample(rows["listener"], DRAWS, SEED)
    return _result(
        segments=_by_segment(rows, foretold, drawn, _called(frozen, names)),
        overall=_overall(rows, foretold),
        days=days,
        friends=friends,
        tells=told_by(rows["label"].to_numpy(), rows["segment"], rows["listener"], SEED),
        notes=_notes(rows, foretold, frozen, days),
    )


def not_measured(friends: dict | None = None, *, reason: str) -> dict:
    """``usefulness.json`` of a night without adverts to learn from, and why there are none."""
    note = f"Response to adverts by segment was not measured: {reason}."
    return _result([], None, [], friends, None, [note])


def segments_before(day: dt.date, days: listening.Days, frozen: dict) -> pd.Series:
    """The segment's id of each listener with enough plays, as of the evening before ``day``."""
    eve = day - dt.timedelta(days=1)
    labels = labels_of(listening.totals(days, eve, WINDOW), frozen)
    ids = {place: str(one["id"]) for place, one in enumerate(frozen["segments"])}
    return labels.map(ids).astype("str")


def _result(segments, overall, days, friends, tells, notes) -> dict:
    return {
        "usefulness.json": {
            "segments": segments,
            "overall": overall,
            "days": [day.isoformat() for day in days],
            "tells": tells,
            "friends": friends,
            "notes": notes,
        }
    }


def _segment_of(rows: pd.DataFrame, evenings: dict[dt.date, pd.Series]) -> pd.Series:
    found = pd.Series(UNKNOWN, index=rows.index, dtype="str")
    for day, segments in evenings.items():
        on_day = (rows["moment"].dt.normalize() == pd.Timestamp(day)).to_numpy()
        known = rows.loc[on_day, "listener"].map(segments).fillna(UNKNOWN)
        found.loc[on_day] = known.astype("str")
    return found


def _called(frozen: dict, names: dict) -> list[dict]:
    """The segments in the definitions' order, as they are called tonight."""
    chosen = {one["id"]: one for one in names["names.json"]["segments"]}
    return [chosen[str(one["id"])] for one in frozen["segments"]]


def _by_segment(rows, foretold, drawn: Resampling, named: list[dict]) -> list[dict]:
    unknown = {"id": UNKNOWN, "name": UNKNOWN, "color": GREY}
    overall = rows["label"].mean() if len(rows) else np.nan
    return [
        {name: one[name] for name in ("id", "name", "color")}
        | _figures(rows, (rows["segment"] == one["id"]).to_numpy(), foretold, drawn, overall)
        for one in [*named, unknown]
    ]


def _figures(rows, mine: np.ndarray, foretold, drawn: Resampling, overall: float) -> dict:
    answered = rows["label"].to_numpy(dtype=float)
    promised = np.zeros(len(rows)) if foretold is None else foretold
    columns = np.column_stack([mine, mine * answered, mine * promised])
    shown, answers, expected = drawn.totals(columns.astype(float)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        rates, ratios = answers / shown, expected / answers
    count, responses = int(mine.sum()), int(answered[mine].sum())
    rate = responses / count if count else np.nan
    seen = rate_interval(rate, count, rates) if count else interval(np.nan)
    ratio = promised[mine].sum() / responses if responses and foretold is not None else np.nan
    return {
        "impressions": count,
        "responses": responses,
        "rate": seen["value"],
        "low": seen["low"],
        "high": seen["high"],
        "lift": number(rate / overall if overall else np.nan),
        "predicted": number(promised[mine].mean() if count and foretold is not None else np.nan),
        "calibration": interval(ratio, ratios),
    }


def _overall(rows: pd.DataFrame, foretold: np.ndarray | None) -> dict:
    count, responses = len(rows), int(rows["label"].sum())
    return {
        "impressions": count,
        "responses": responses,
        "rate": number(responses / count if count else np.nan),
        "predicted": None if foretold is None else number(foretold.mean()),
    }


def _notes(rows, foretold, frozen: dict, days: Sequence[dt.date]) -> list[str]:
    notes = []
    if rows.empty:
        notes.append("No advert was shown on the test days: nothing was measured.")
    elif foretold is None:
        notes.append("No ad model is live: what was foretold is not known.")
    if days and frozen["as_of"] >= min(days).isoformat():
        notes.append(
            f"The segments were discovered on {frozen['as_of']}, not before the adverts were "
            "shown; whom they hold is counted from the days before all the same."
        )
    return notes
