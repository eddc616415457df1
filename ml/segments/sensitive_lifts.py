"""The lift of every value of every sensitive attribute in every segment, and what it means."""

from collections.abc import Iterator

import pandas as pd

from ml.segments.lift import lift
from ml.tables import LISTENERS

SENSITIVE = {
    column.name: str(column.default) for column in LISTENERS.columns if column.sensitive
}
"""What is audited, and the word for "not known" in it."""

COMMON = 0.4
"""A value of so many can hardly be surely twice as frequent anywhere; of such a value it counts
as well when it is surely rarer in a segment than 1 / bound."""

SMALLEST_CELL = 10
"""Fewer members with a value are not counted aloud: a cautious threshold rule of disclosure
control (Hundepool et al., Statistical Disclosure Control, 2012)."""

FIGURES = ("share", "overall", "lift", "low", "high")
COLUMNS = ("segment", "attribute", "value", "listeners", *FIGURES, "verdict")

Known = tuple[str, pd.DataFrame]
"""An attribute, and who has a known value of it: columns listener, segment, value."""


def lifts_of(people: list[Known], segments: list[str], bound: float) -> pd.DataFrame:
    """A row per segment, attribute and value, in that order, with its verdict.

    ``withheld`` is a lift surely above the bound, or surely below its inverse where many have
    the value; ``unsure`` one that may be; the others are ``fine``. Segments without a member
    whose value is known have no rows.
    """
    return _frame([row for one in segments for row in _lifts(people, one, bound)])


def without_small_cells(frame: pd.DataFrame, gone: pd.Series) -> pd.DataFrame:
    """The lifts without the figures of the cells that `told_of_few` names."""
    hidden = [name for name in ("listeners", *FIGURES) if name != "overall"]
    return frame.assign(**{name: frame[name].where(~gone) for name in hidden})


def told_of_few(frame: pd.DataFrame, minimum: int) -> pd.Series:
    """Whether each row has fewer than ``minimum`` members, or would give such a row away.

    All shares of an attribute add up to one, so a single missing one could be subtracted: then
    the next smallest goes as well.
    """
    hidden = frame["listeners"] < minimum
    by = [frame["segment"], frame["attribute"]]
    alone = (hidden.groupby(by).transform("sum") == 1) & ~hidden
    next_smallest = frame["listeners"].where(alone).groupby(by).rank(method="first") == 1
    return hidden | next_smallest


def known_values(
    membership: list[pd.DataFrame], listeners: list[pd.DataFrame] | None
) -> list[Known]:
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


def _lifts(people: list[Known], segment: str, bound: float) -> Iterator[tuple]:
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
