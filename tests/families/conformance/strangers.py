"""Unknown listeners: some are in the log and on no list, some are on the lists and never heard."""

from functools import cache

import pandas as pd

from conformance import stages
from conformance.comparing import assert_same, ordered, surviving
from conformance.small_world import EVENTS, SmallWorld
from ml.family import Family

STRANGER = "a-stranger"
UNASKED = "never-asked"
SILENT = "never-heard"


def unknown_listeners_neither_break_nor_leak(family: Family, world: SmallWorld) -> None:
    """A stranger's events are borne; without consent on record, a stranger is in no row.

    STRANGER is on no list, UNASKED in LISTENERS but not in CONSENT, and SILENT in both but in no
    event. Nobody else appears or disappears through them.
    """
    visited = visited_by_strangers(world)
    with surviving("With listeners in the log who are in neither LISTENERS nor CONSENT"):
        found = {
            "examples": stages.examples(family, visited),
            "candidates": stages.candidates(family, visited),
        }
    before = {
        "examples": stages.examples(family, world),
        "candidates": stages.candidates(family, world),
    }
    for stage, rows in found.items():
        assert_not_there(rows, stage)
        assert_as_many(before[stage], rows, stage)


def without_lists_everybody_in_the_log_counts(family: Family, world: SmallWorld) -> None:
    """A source without LISTENERS and CONSENT has chosen before us: its strangers are welcome."""
    optional = [name for name in ("listeners", "consent") if name in family.optional_tables]
    bare = visited_by_strangers(world).without(*optional)
    with surviving(f"Without {' and '.join(optional)}"):
        rows = stages.examples(family, bare)
    listeners = set(stages.examples(family, world)["listener"])
    missing = listeners - set(rows["listener"])
    assert not missing, f"Without {', '.join(optional)}, the examples lost {sorted(missing)[:3]}."


def listeners_never_heard_change_nothing(family: Family, world: SmallWorld) -> None:
    """An account without a single event changes no example, and no other's candidate."""
    more = with_silent_accounts(world)
    with surviving("With an account that has no events"):
        built, offered = stages.examples(family, more), stages.candidates(family, more)
    what = "With an account that has no events, in the {}"
    expected = ordered(stages.examples(family, world))
    assert_same(expected, ordered(built), what.format("examples"))
    others = offered[offered["listener"] != SILENT]
    expected = ordered(stages.candidates(family, world))
    assert_same(expected, ordered(others), what.format("candidates"))


@cache
def visited_by_strangers(world: SmallWorld) -> SmallWorld:
    """The world with two more listeners, who do what its most active listener does."""
    heard = [table["listener"] for name in EVENTS if world.has(name)
             for table in [world.tables[world.day][name]]]  # fmt: skip
    model = pd.concat(heard).mode().iloc[0]

    def change(day, name, table: pd.DataFrame) -> pd.DataFrame:
        if name == "listeners":
            return pd.concat([table, table.tail(1).assign(listener=UNASKED, tier="free")])
        if name not in EVENTS:
            return table
        own = table[table["listener"] == model]
        return pd.concat([table, *(_as(own, who) for who in (STRANGER, UNASKED))])

    return world.changed(change)


@cache
def with_silent_accounts(world: SmallWorld) -> SmallWorld:
    """The world with one more account, consent included, of which nothing is ever heard."""
    return world.changed(_with_silent_accounts)


def assert_not_there(rows: pd.DataFrame, stage: str) -> None:
    """Fail when one of the listeners without consent on record is in the rows."""
    leaked = sorted({STRANGER, UNASKED} & set(rows["listener"]))
    assert not leaked, (
        f"In the {stage}, in column listener, expected nobody who is not in CONSENT (silence is "
        f"not consent), found {', '.join(leaked)}. Keep only listeners whose row in CONSENT says "
        "personalised_ads."
    )


def assert_as_many(expected: pd.DataFrame, found: pd.DataFrame, stage: str) -> None:
    """Fail when the listeners in the rows, or how often they are, are others."""
    before, after = (rows["listener"].value_counts() for rows in (expected, found))
    differ = sorted(
        name for name in set(before.index) | set(after.index) if before.get(name) != after.get(name)
    )
    assert not differ, (
        f"With strangers in the log, in the {stage}, in column listener, expected "
        f"{before.get(differ[0], 0)} rows of {differ[0]}, found {after.get(differ[0], 0)}."
    )


def _as(rows: pd.DataFrame, who: str) -> pd.DataFrame:
    renamed = rows.assign(listener=who)
    if "impression" in rows:
        renamed["impression"] = rows["impression"] + f"-{who}"
    return renamed


def _with_silent_accounts(day, name: str, table: pd.DataFrame) -> pd.DataFrame:
    if name == "listeners":
        return pd.concat([table, table.tail(1).assign(listener=SILENT, tier="free")])
    if name == "consent":
        return pd.concat([table, table.tail(1).assign(listener=SILENT, personalised_ads=True)])
    return table
