"""What an advert leads to beside the click: one family an outcome, on the examples of clicks.

They read the same opportunities with the same features as ``ad_targeting``, so the features are
made once; each brings a label, a model, gates and a champion of its own. Together they say what
an impression is worth (ml.value).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from ml.families.ad_gates import AD_GATES, ARRIVED
from ml.families.ad_targeting import AD_TARGETING
from ml.family import Family
from ml.labels import responded

SILENT = "display"
"""The format that is only looked at: it cannot be heard, skipped or muted."""


def with_sound(rows: pd.DataFrame) -> pd.DataFrame:
    """The opportunities of adverts that are heard."""
    return rows[rows["format"] != SILENT].reset_index(drop=True)


def relabelled(
    *,
    day: dt.date,
    shared: pd.DataFrame,
    outcomes: Sequence[pd.DataFrame],
    kinds: tuple[str, ...],
    days: int,
    audible: bool,
) -> pd.DataFrame:
    """The shared examples of ``day`` with the label "any of ``kinds`` came within ``days``".

    ``outcomes`` are those of ``day`` and of the ``days`` after it. With ``audible`` only adverts
    with sound are examples.
    """
    rows = with_sound(shared) if audible else shared
    shown = rows[["impression"]].assign(at=rows["moment"])
    label = responded(shown, outcomes, within=pd.Timedelta(days=days), kinds=kinds)
    return rows.assign(label=label.array)


def _family(
    name: str, title: str, question: str, kinds: tuple[str, ...], days: int, audible: bool
) -> Family:
    return replace(
        AD_TARGETING,
        name=name,
        title=title,
        question=question,
        windows=replace(AD_TARGETING.windows, maturity=days),
        examples=partial(relabelled, kinds=kinds, days=days, audible=audible),
        shares=AD_TARGETING.name,
        scope=with_sound if audible else None,
        required_outcomes=kinds,
        worth=(),
        alternatives=None,
        audience_group=None,
        moments=None,
        gates=GATES,
        # Who needs to know which features matter asks it of clicks; it takes a fit for each group.
        baselines=AD_TARGETING.baselines[:2],
        feature_groups=(),
    )


GATES = (ARRIVED, *AD_GATES)

AD_COMPLETION = _family(
    "ad_completion",
    "Adverts heard to the end",
    "How likely is this listener to hear this ad to its end?",
    ("listened_100",),
    days=1,
    audible=True,
)
AD_SKIP = _family(
    "ad_skip",
    "Adverts skipped or muted",
    "How likely is this listener to skip or mute this ad?",
    ("skip", "mute"),
    days=1,
    audible=True,
)
AD_CONVERSION = _family(
    "ad_conversion",
    "Conversions",
    "How likely is this listener to do what this ad asks for, within a week?",
    ("conversion",),
    days=7,
    audible=False,
)
