"""How listeners moved between segments since the night before, and how the segments grew.

Only listeners with a segment on both nights are compared: coming out of "unknown yet" is not a
change of mind.
"""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ml.calibration import predict
from ml.examples import Shards
from ml.family import ModelRecipe
from ml.intervals import wilson
from ml.scoring import class_columns
from ml.segments.assignment import UNKNOWN, answers
from ml.segments.membership import NOTHING, earlier, settled

TREND_NIGHTS = 28


def summarise(
    membership: Sequence[pd.DataFrame],
    names: dict,
    definitions: dict,
    before: Path | None = None,
    *,
    family_name: str,
    night: dt.date,
) -> dict:
    """``membership.json``: sizes with their trend, churn and flows; ``before`` is last night's."""
    rows = pd.concat(membership, ignore_index=True)
    last = json.loads(before.read_text("utf-8")) if before else None
    known = rows[rows["segment"] != UNKNOWN]
    segments = [_segment(one, rows, last, night) for one in _standing(names, definitions, rows)]
    return {
        "membership.json": {
            "family": family_name,
            "day": night.isoformat(),
            "previous_day": last["day"] if last else None,
            "definitions_as_of": definitions["definitions.json"]["as_of"],
            "listeners": len(rows),
            "unknown": len(rows) - len(known),
            "segments": segments,
            "churn": churn(rows["previous"], rows["segment"], rows["best"], rows["held"]),
            "flows": flows(rows),
            "notes": [] if last else ["There is no earlier membership to compare with."],
        }
    }


def churn(before: pd.Series, now: pd.Series, best: pd.Series, held: pd.Series) -> dict | None:
    """Who changed segment, of those with one on both nights; None when nobody had one before.

    ``share`` with its 95 % interval (Wilson 1927); ``held`` were kept by the margin alone, so
    ``share_without_hysteresis`` is what it would have been without it.
    """
    compared = ~before.isin([NOTHING, UNKNOWN]) & (now != UNKNOWN)
    count = int(compared.sum())
    if not count:
        return None
    changed = int((compared & (now != before)).sum())
    share, eager = changed / count, float((compared & (best != before)).sum() / count)
    low, high = wilson(share, count)
    return {
        "compared": count,
        "changed": changed,
        "share": round(share, 6),
        "low": round(low, 6),
        "high": round(high, 6),
        "held": int((compared & held).sum()),
        "share_without_hysteresis": round(eager, 6),
    }


def flows(rows: pd.DataFrame) -> list[dict]:
    """How many listeners went from which segment to which other, most first."""
    moved = rows[(rows["previous"] != NOTHING) & (rows["previous"] != rows["segment"])]
    counts = moved.groupby(["previous", "segment"]).size().reset_index(name="listeners")
    ordered = counts.sort_values(["listeners", "previous", "segment"],
                                 ascending=[False, True, True], kind="stable")  # fmt: skip
    return [{"from": row["previous"], "to": row["segment"], "listeners": int(row["listeners"])}
            for row in ordered.to_dict("records")]  # fmt: skip


def challenge(
    model: dict,
    calibration: dict,
    candidates: Sequence[pd.DataFrame],
    definitions: dict,
    previous: Shards = (),
    before: Path | None = None,
    *,
    recipe: ModelRecipe,
    margin: float,
) -> dict:
    """``churn.json``: how many would change segment if tonight's model went live.

    ``definitions`` are tonight's, ``before`` is last night's
    membership.json: ``redefined`` says
    whether segments were discovered anew in between. Without a trained model ``churn`` is None.
    """
    last = json.loads(before.read_text("utf-8")) if before else None
    as_of = definitions["definitions.json"]["as_of"]
    redefined = last is not None and last["definitions_as_of"] != as_of
    asked = pd.concat(candidates, ignore_index=True)
    found = None
    if "model.txt" in model and len(asked):
        probabilities = predict(model, calibration, asked, recipe)
        columns = class_columns(probabilities, model["card.json"]["classes"])
        scores = answers(asked[["listener", "enough_evidence"]].assign(**columns))
        standing = earlier(scores["listener"], previous)["segment"]
        now, held = settled(scores, standing, margin)
        found = churn(standing, now, scores["segment"], held)
    return {"churn.json": {"churn": found, "redefined": redefined}}


def _standing(names: dict, definitions: dict, rows: pd.DataFrame) -> list[dict]:
    """The segments of the definitions, and older ones that a live model still answers with."""
    defined = {one["id"] for one in definitions["definitions.json"]["segments"]}
    used = set(rows["segment"])
    return [one for one in names["names.json"]["segments"]
            if one["id"] in defined or one["id"] in used]  # fmt: skip


def _segment(named: dict, rows: pd.DataFrame, last: dict | None, night: dt.date) -> dict:
    mine, were = rows["segment"] == named["id"], rows["previous"] == named["id"]
    size = int(mine.sum())
    share = round(size / len(rows), 6) if len(rows) else 0.0
    past = [one["trend"] for one in (last or {"segments": []})["segments"]
            if one["id"] == named["id"]]  # fmt: skip
    today = {"day": night.isoformat(), "listeners": size, "share": share}
    return {
        **{name: named[name] for name in ("id", "name", "color")},
        "listeners": size,
        "share": share,
        "trend": [*(past[0] if past else []), today][-TREND_NIGHTS:],
        "joined": int((mine & ~were & (rows["previous"] != NOTHING)).sum()),
        "left": int((were & ~mine).sum()),
    }


