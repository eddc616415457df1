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

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ml.segments.assignment import UNKNOWN
from ml.segments.guard_sentences import judged_in_words, unchecked_in_words
from ml.segments.lift import lift
from ml.tables import LISTENERS

SENSITIVE = {
    column.name: str(column.default) for column in LISTENERS.columns if column.sensitive
}
"""What is audited, and the word for "not known" in it."""

BOUND = 2.0
COMMON = 0.25
"""The share from which a value counts as missed in a segment, when it is rarer than 1 / bound."""

SMALLEST_CELL = 10
"""Fewer members with a value are not counted aloud: the usual threshold of disclosure control
(Hundepool et al., Statistical Disclosure Control, 2012)."""

FIGURES = ("share", "overall", "lift", "low", "high")
COLUMNS = ("segment", "attribute", "value", "listeners", *FIGURES, "verdict")


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
    ``minimum`` members have the value, its figures are missing, not its verdict (``withheld``,
    ``unsure`` or ``fine``).
    """
    people = _people(membership, listeners)
    segments = _segments(names, membership)
    rows = [row for one in segments for row in _lifts(people, one["id"], bound)]
    frame = _frame(rows)
    checked = listeners is not None and bool(people)
    judged = [_judged(one, frame, bound, minimum, checked) for one in segments]
    return {
        "guard.json": {
            "bound": bound,
            "minimum": minimum,
            "attributes": sorted({attribute for attribute, *_ in people}) if checked else [],
            "segments": judged,
            "notes": _notes(listeners, people),
        },
        "lifts.parquet": without_small_cells(frame, minimum),
    }


def without_small_cells(frame: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """The lifts without the figures of small cells, and of one more where it would give one away.

    All shares of an attribute add up to one: a single missing one could be subtracted.
    """
    hidden = frame["listeners"] < minimum
    by = [frame["segment"], frame["attribute"]]
    alone = (hidden.groupby(by).transform("sum") == 1) & ~hidden
    next_smallest = frame["listeners"].where(alone).groupby(by).rank(method="first") == 1
    gone = hidden | next_smallest
    return frame.assign(
        **{name: frame[name].where(~gone) for name in ("listeners", *FIGURES) if name != "overall"}
    )


def _people(
    membership: list[pd.DataFrame], listeners: list[pd.DataFrame] | None
) -> list[tuple[str, pd.DataFrame]]:
    """Per attribute that anybody's value is known of: the listeners with one, and their segment."""
    if listeners is None or not membership:
        return []
    members = pd.concat(membership, ignore_index=True)[["listener", "segment"]]
    accounts = pd.concat(listeners, ignore_index=True).drop_duplicates("listener")
    accounts = accounts.set_index("listener").reindex(members["listener"])
    found = []
    for attribute, unknown in SENSITIVE.items():
        value = accounts[attribute].set_axis(members.index)
        known = members.assign(value=value)[value.notna() & (value != unknown)]
        if len(known):
            found.append((attribute, known))
    return found


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


def _lifts(people: list[tuple[str, pd.DataFrame]], segment: str, bound: float) -> Iterator[tuple]:
    for attribute, known in people:
        everybody = known["value"].value_counts().sort_index()
        members = known["value"][known["segment"] == segment]
        if members.empty:
            continue
        parts = members.value_counts().reindex(everybody.index, fill_value=0)
        for value, found, part in zip(everybody.index, everybody, parts, strict=True):
            at, overall = lift(part, len(members), found, len(known)), found / len(known)
            said = _verdict(at, overall, bound)
            yield (segment, attribute, value, part, part / len(members), overall, *at, said)


def _verdict(at: tuple[float, float, float], overall: float, bound: float) -> str:
    value, low, high = at
    common = overall >= COMMON
    if low > bound or (common and high < 1 / bound):
        return "withheld"
    return "unsure" if value > bound or (common and value < 1 / bound) else "fine"


def _frame(rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = dict.fromkeys(("segment", "attribute", "value", "verdict"), "str")
    return frame.astype({**text, **dict.fromkeys(("listeners", *FIGURES), "float64")}).round(6)


def _judged(
    segment: dict, lifts: pd.DataFrame, bound: float, minimum: int, checked: bool
) -> dict:
    mine = lifts[lifts["segment"] == segment["id"]]
    if mine.empty:
        said = unchecked_in_words(checked)
        return {**segment, "published": True, "sentence": said, "worst": None}
    worst = _worst(mine, minimum).to_dict()
    verdict, over = worst.pop("verdict"), worst["lift"] > 1
    shown = {name: worst[name] for name in ("attribute", "value", *FIGURES, "listeners")}
    if worst["listeners"] < minimum:
        shown |= dict.fromkeys(("share", "lift", "low", "high", "listeners"))
    else:
        shown["listeners"] = int(worst["listeners"])
    return {
        **segment,
        "published": verdict != "withheld",
        "sentence": judged_in_words(shown, verdict, over, bound, minimum),
        "worst": shown,
    }


def _worst(lifts: pd.DataFrame, minimum: int) -> pd.Series:
    """The row that decides: withheld before unsure; then one with figures, the furthest from 1."""
    order = lifts["verdict"].map({"withheld": 0, "unsure": 1, "fine": 2})
    absent = (lifts["lift"] < 1) & (lifts["verdict"] != "fine")
    distance = np.where(absent, 1 / lifts["lift"].clip(lower=1e-6), lifts["lift"])
    small = lifts["listeners"] < minimum
    ranked = lifts.assign(order=order, small=small, distance=-distance)
    by = ["order", "small", "distance", "attribute", "value"]
    return ranked.sort_values(by, kind="stable").iloc[0][list(COLUMNS)]


def _notes(listeners: list[pd.DataFrame] | None, people: list) -> list[str]:
    if listeners is None:
        return ["This source has no listeners table: nothing sensitive is known, nothing could "
                "be checked, and every segment is published unchecked."]  # fmt: skip
    checked = [attribute for attribute, _ in people]
    silent = [name.replace("_", " ") for name in SENSITIVE if name not in checked]
    return [f"Nobody's {name} is known: not checked." for name in silent]
