"""The guard: no segment is published that gives away what nobody agreed to be sorted by.

Sensitive attributes never are features, but listening can stand in for them: whoever is sold
"calm, at home, late" may be sold an age. So each segment is audited, per value of each sensitive
column of LISTENERS, by the lift of the value: its share in the segment over its share among
everybody. Too large surely (by its whole interval), and the segment is withheld. Of a value that
many have no share can be twice as large, so that its absence is looked at as well.

There are dozens of lifts, and no correction for that. A correction for many comparisons widens
intervals, so fewer lifts would pass the bound surely, and more would be published: the wrong way
for a guard. What it costs is that of segments exactly at the bound one in forty a value is
withheld by chance, which harms nobody.
"""

import numpy as np
import pandas as pd

from ml.segments.assignment import UNKNOWN
from ml.segments.guard_sentences import judged_in_words, unchecked_in_words
from ml.segments.sensitive_lifts import (
    FIGURES,
    SENSITIVE,
    SMALLEST_CELL,
    known_values,
    lifts_of,
    told_of_few,
    without_small_cells,
)

BOUND = 2.0


def guard(
    membership: list[pd.DataFrame],
    names: dict,
    listeners: list[pd.DataFrame] | None = None,
    *,
    bound: float = BOUND,
    minimum: int = SMALLEST_CELL,
) -> dict:
    """``guard.json``, a verdict per segment, and ``lifts.parquet``, what it came from.

    ``membership`` and ``listeners`` are the shards' frames, ``names`` is the artifact with
    ``names.json``. Everybody is all who are in the membership; whose value is not known counts
    nowhere. Without ``listeners`` nothing can be checked, and all is published with a note.
    ``lifts.parquet`` has a row per segment, attribute and value, in that order; where fewer than
    ``minimum`` members have the value (or would be given away by it), its figures are missing,
    not its verdict (``withheld``, ``unsure`` or ``fine``).
    """
    people = known_values(membership, listeners)
    segments = _segments(names, membership)
    frame = lifts_of(people, [one["id"] for one in segments], bound)
    gone = told_of_few(frame, minimum)
    checked = listeners is not None and bool(people)
    told = frame.assign(gone=gone)
    judged = [_judged(one, told, bound, minimum, checked) for one in segments]
    return {
        "guard.json": {
            "bound": bound,
            "minimum": minimum,
            "attributes": sorted({attribute for attribute, *_ in people}) if checked else [],
            "segments": judged,
            "notes": _notes(listeners, people),
        },
        "lifts.parquet": without_small_cells(frame, gone),
    }


def _segments(names: dict, membership: list[pd.DataFrame]) -> list[dict]:
    """The named segments, then any other that somebody is in: none may slip past the guard."""
    named = [{"id": one["id"], "name": one["name"]} for one in names["names.json"]["segments"]]
    known = {one["id"] for one in named} | {UNKNOWN}
    others = {
        str(segment): str(name)
        for frame in membership
        for segment, name in frame[["segment", "name"]].drop_duplicates().to_numpy()
        if segment not in known
    }
    return named + [{"id": segment, "name": others[segment]} for segment in sorted(others)]


def _judged(
    segment: dict, lifts: pd.DataFrame, bound: float, minimum: int, checked: bool
) -> dict:
    mine = lifts[lifts["segment"] == segment["id"]]
    if mine.empty:
        said = unchecked_in_words(checked)
        return {**segment, "published": True, "sentence": said, "worst": None}
    worst = _worst(mine).to_dict()
    few, over = worst["listeners"] < minimum, worst["lift"] > 1
    shown = {name: worst[name] for name in ("attribute", "value", *FIGURES)}
    shown["listeners"] = int(worst["listeners"])
    if worst["gone"]:
        shown |= dict.fromkeys(("share", "lift", "low", "high", "listeners"))
    said = judged_in_words(shown, worst["verdict"], over, few, bound, minimum)
    published = worst["verdict"] != "withheld"
    return {**segment, "published": published, "sentence": said, "worst": shown}


def _worst(lifts: pd.DataFrame) -> pd.Series:
    """The row that decides: withheld before unsure; then one with figures, the furthest from 1."""
    order = lifts["verdict"].map({"withheld": 0, "unsure": 1, "fine": 2})
    absent = (lifts["lift"] < 1) & (lifts["verdict"] != "fine")
    distance = np.where(absent, 1 / lifts["lift"].clip(lower=1e-6), lifts["lift"])
    ranked = lifts.assign(order=order, distance=-distance)
    by = ["order", "gone", "distance", "attribute", "value"]
    return ranked.sort_values(by, kind="stable").iloc[0]


def _notes(listeners: list[pd.DataFrame] | None, people: list) -> list[str]:
    if listeners is None:
        return ["This source has no listeners table: nothing sensitive is known, nothing could "
                "be checked, and every segment is published unchecked."]  # fmt: skip
    checked = [attribute for attribute, _ in people]
    silent = [name.replace("_", " ") for name in SENSITIVE if name not in checked]
    return [f"Nobody's {name} is known: not checked." for name in silent]
