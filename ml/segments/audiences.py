"""The segments as audiences: everybody who is in one, unless it must not be published."""

import datetime as dt

import pandas as pd

from ml import audience
from ml.segments.assignment import UNKNOWN


def build(
    membership: list[pd.DataFrame],
    names: dict,
    guard: dict,
    consent: list[pd.DataFrame] | None = None,
    *,
    minimum: int,
    family_name: str,
    night: dt.date,
    consent_required: bool,
) -> dict:
    """As :func:`ml.audience.build`, of tonight's membership: groups are segments, by their ids.

    The score is the probability that the listener belongs; it is missing for those of whom too
    little is known. Segments that ``guard`` holds back are withheld with its words.
    """
    scores = [
        frame[["listener", "segment", "probability"]].rename(columns={"probability": "score"})
        for frame in membership
    ]
    return audience.build(
        scores, consent, group="segment", share=1.0, minimum=minimum, family_name=family_name,
        night=night, consent_required=consent_required,
        titles={one["id"]: one["name"] for one in names["names.json"]["segments"]}
        | {UNKNOWN: UNKNOWN},
        withheld={one["id"]: one["sentence"].removeprefix("withheld: ")
                  for one in guard["guard.json"]["segments"] if not one["published"]},
    )
