"""Features and scores of a night beside their windows, with the alarms that follow."""

import datetime as dt
import json
from pathlib import Path

import pandas as pd

from ml.monitoring.alarms import DRIFT, alarm
from ml.monitoring.drift import ADOPTED, FEWEST_DAYS, measure

NAMED = 5
"""Features named in one sentence; where more moved, their number is said."""


def drift_of_night(
    scores: dict,
    tonight: dict | None = None,
    reference: list[dict] | None = None,
    recorded: list[Path] | None = None,
    *,
    family_name: str,
    night: dt.date,
    days: tuple[str, ...] = (),
) -> dict:
    """``features`` and ``scores`` of a night, how they moved, notes and alarms.

    ``tonight`` and ``reference`` are counts of features (``histograms.count_features``), one for
    each of ``days``; absent where the family has the features of another. ``scores`` is what
    ``judging.count_scores`` made of tonight, ``recorded`` the files of earlier nights.
    """
    features, notes = [], []
    if tonight is not None:
        names = [*days, night.isoformat()]
        features = measure([*(reference or []), tonight], names)
        if not features:
            notes.append(_too_early("features", len(days)))
    else:
        notes.append("The features are those of the family whose examples this one shares.")
    before = sorted((json.loads(path.read_text("utf-8")) for path in recorded or []),
                    key=lambda one: one["day"])  # fmt: skip
    every = [*before, scores]
    moved = measure([_as_counts(one) for one in every], [one["day"] for one in every])
    if not moved:
        notes.append(_too_early("scores", len(before)))
    found = [_told(family_name, night, [one for one in rows if one["since"]], what)
             for rows, what in ((features, "feature"), (moved, "score"))]  # fmt: skip
    return {
        "family": family_name, "day": night.isoformat(), "reference_days": list(days),
        "score_days": [one["day"] for one in before], "features": features, "scores": moved,
        "notes": notes, "alarms": [one for one in found if one],
    }  # fmt: skip


def _too_early(what: str, days: int) -> str:
    return (f"What is usual for the {what} is not known yet: it takes {FEWEST_DAYS} days, and "
            f"there are {days}.")  # fmt: skip


def _as_counts(scores: dict) -> dict:
    """The scores of a night in the form of counts of features."""
    return {
        "numbers.parquet": pd.DataFrame(
            scores["numbers"], columns=["feature", "bucket", "rows"]
        ).astype({"feature": "str", "bucket": "int64", "rows": "int64"}),
        "words.parquet": pd.DataFrame(
            scores["words"], columns=["feature", "word", "rows"]
        ).astype({"feature": "str", "word": "str", "rows": "int64"}),
    }


def _told(family_name: str, night: dt.date, moved: list[dict], what: str) -> dict | None:
    """One alarm for all that moved: one cause often moves many, and one sentence is read."""
    if not moved:
        return None
    worst = moved[0]
    then, now = worst["missing"]
    gone = f"; without a value {then:.1%} -> {now:.1%}" if abs(now - then) > 0.01 else ""
    subject, who, cause = _words(family_name, moved, what)
    sentence = (
        f"{who} on {night} spread otherwise than usual, since {worst['since']} (stability index "
        f"of {worst['feature']} {worst['index']:.2f}, usually below {worst['limit']:.2f}{gone}). "
        f"{cause}; if the change is real, models learn it night by night, and after {ADOPTED} days "
        "it counts as usual."
    )
    return alarm(DRIFT, subject, sentence)


def _words(family_name: str, moved: list[dict], what: str) -> tuple[str, str, str]:
    """The subject of an alarm, who moved, and where to look."""
    if what == "score":
        where = "Look at the features that moved, and at the model that went live last"
        return f"{family_name} scores", f"The scores of {family_name} are", where
    named = ", ".join(one["feature"] for one in moved[:NAMED])
    more = f" and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
    are = "is" if len(moved) == 1 else "are"
    where = "Look whether the source changed, and at volume and quarantine"
    subject = f"{family_name} feature {moved[0]['feature']}"
    return subject, f"{named}{more} of {family_name} {are}", where
