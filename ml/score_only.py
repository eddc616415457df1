"""Impressions as they came, scored without labels: for a day that arrives alone.

The rows are described by the family's own code for examples, so nothing differs from training but
the label, which is left out: with the outcomes of its own day alone, it is not yet known.
"""

import datetime as dt
from collections.abc import Callable, Sequence

import pandas as pd

from ml.family import Frames, ModelRecipe
from ml.scoring import score

ABOUT = ("listener", "impression", "ad", "campaign", "moment")


def describe(
    *,
    build: Callable[..., pd.DataFrame],
    day: dt.date,
    impressions: pd.DataFrame,
    outcomes: Sequence[pd.DataFrame] = (),
    listens: pd.DataFrame | None = None,
    history: Sequence[Frames] = (),
    pooled: Sequence[Frames] = (),
    listeners: pd.DataFrame | None = None,
    consent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The impressions of ``day`` with their features, as ``build`` (a family's examples) does.

    ``outcomes`` are those of ``day``, for what was answered earlier that day; none where they are
    not known. Listeners without consent are left out, as in training.
    """
    rows = build(
        day=day,
        impressions=impressions,
        outcomes=outcomes,
        listens=listens,
        history=history,
        pooled=pooled,
        listeners=listeners,
        consent=consent,
    )
    return rows.drop(columns="label")


def score_impressions(
    live: dict,
    rows: pd.DataFrame,
    *,
    recipe: ModelRecipe,
    scope: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """ABOUT of every impression, ``probability`` with ``low`` and ``high``, ``model_version``.

    The interval says how well the calibration is known (ml.calibration.interval). In the order of
    ``rows``; impressions outside the family's ``scope`` are left out.
    """
    scored = score(live, rows, recipe=recipe, keys=ABOUT, reasoned_rows=0, scope=scope)
    named = scored.rename(columns={"score": "probability"})
    return named[[*ABOUT, "probability", "low", "high", "model_version"]]
