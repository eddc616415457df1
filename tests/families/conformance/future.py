"""The future cannot change the past: whatever happens from a moment on, its features stand."""

import datetime as dt
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

from conformance import stages
from conformance.comparing import assert_same, ordered
from conformance.small_world import EVENTS, SmallWorld
from ml.families import FAMILIES
from ml.family import Family
from ml.tables import DAY_MS

Future = Callable[[pd.DataFrame, pd.Series], pd.DataFrame]
AGAIN = "-again"


def the_future_cannot_change_the_past(family: Family, world: SmallWorld) -> None:
    """At the first, a middle and the last moment of a day, another future changes nothing.

    Everything from the moment on is another: all tables of events on that day and later ones,
    how long a play in progress will last, and the summaries of later days, which are put into
    the history as well. All columns but the label are compared, and which rows there are.
    """
    built = stages.examples(family, world)
    basis = family if family.shares is None else FAMILIES[family.shares]
    known = moments(stages.examples(basis, world))
    for number, future in enumerate(FUTURES):
        assert_past_stands(family, world, built, known[len(known) // 2], future, half=number % 2)
    assert_past_stands(family, world, built, known[0], altered_beyond_recognition, half=0)
    assert_past_stands(family, world, built, known[-1], deleted, half=0)


def assert_past_stands(
    family: Family,
    world: SmallWorld,
    built: pd.DataFrame,
    moment: pd.Timestamp,
    future: Future,
    half: int,
) -> int:
    """How many examples were compared; fails when another future changes one of them.

    Of the impressions at the very moment, one half by their ids is looked at, and the other
    belongs to the future: what happens at the same moment was not known before it.
    """
    other = altered(world, moment, future, half)
    days = other.until(max(world.morrow, moment.date()))
    after = stages.examples(family, other, history=days)
    before, after = (known_at(rows, moment, half) for rows in (built, after))
    assert_same(before, after, f"When everything from {moment} on is {future.__name__}")
    return len(before)


def moments(built: pd.DataFrame) -> list[pd.Timestamp]:
    """The first, a middle and the last moment of some examples."""
    known = sorted(built["moment"].unique())
    assert known, "Expected examples on the day that is looked at, found none."
    return list(dict.fromkeys([known[0], known[len(known) // 2], known[-1]]))


def known_at(built: pd.DataFrame, moment: pd.Timestamp, half: int) -> pd.DataFrame:
    """The examples whose moment has come, in one order, without what the future decides."""
    come = built["moment"] < moment
    at_once = built["moment"] == moment
    if "impression" in built:
        at_once &= _half(built["impression"], half) & ~built["impression"].str.endswith(AGAIN)
    rows = built[come | at_once]
    return ordered(rows.drop(columns=[n for n in ("label", "class_name") if n in rows]))


@cache
def altered(world: SmallWorld, moment: pd.Timestamp, future: Future, half: int) -> SmallWorld:
    """The world with another future from ``moment`` on."""

    def change(day: dt.date, name: str, table: pd.DataFrame) -> pd.DataFrame:
        # A play that began the evening before may still be in progress.
        if name not in EVENTS or day < moment.date() - dt.timedelta(days=1):
            return table
        rows = table
        if name == "listens":
            rows = stages.made(longer_in_progress, listens=table, moment=moment)
        coming = _coming(rows, name, moment, half)
        return future(rows, coming) if coming.any() else rows

    return world.changed(change)


def longer_in_progress(listens: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Plays that have not ended at ``moment`` go on for another hour."""
    ends = listens["at"] + pd.to_timedelta(listens["ms_played"], unit="ms")
    playing = (listens["at"] <= moment) & (ends >= moment)
    if not playing.any():
        return listens
    longer = (listens["ms_played"] + 3_600_000).clip(upper=DAY_MS)
    return listens.assign(ms_played=listens["ms_played"].where(~playing, longer))


def deleted(table: pd.DataFrame, coming: pd.Series) -> pd.DataFrame:
    """Nothing happens any more."""
    return table[~coming].reset_index(drop=True)


def doubled(table: pd.DataFrame, coming: pd.Series) -> pd.DataFrame:
    """Everything happens twice."""
    again = table[coming]
    if "ad" in again:
        again = again.assign(impression=again["impression"] + AGAIN)
    return pd.concat([table, again], ignore_index=True)


def shuffled(table: pd.DataFrame, coming: pd.Series) -> pd.DataFrame:
    """The same things happen to others, at the same times."""
    mixed = table.copy()
    order = np.random.default_rng(1).permutation(np.flatnonzero(coming))
    for name in table.columns.difference(["at", "impression"] if "ad" in table else ["at"]):
        mixed.loc[coming, name] = table[name].to_numpy()[order]
    return mixed


def altered_beyond_recognition(table: pd.DataFrame, coming: pd.Series) -> pd.DataFrame:
    """Things happen that nobody has ever heard of: other ads, tracks, places and numbers."""
    changed = {}
    for name in table.columns.difference(["at", "impression", "listener", "kind"]):
        text = pd.api.types.is_string_dtype(table[name].dtype)
        changed[name] = table[name].where(~coming, "unheard-of" if text else table[name] + 1)
    return table.assign(**changed)


FUTURES = (deleted, shuffled, altered_beyond_recognition, doubled)


def _coming(table: pd.DataFrame, name: str, moment: pd.Timestamp, half: int) -> pd.Series:
    """Which rows belong to the future of the examples that are looked at."""
    if name == "outcomes":
        return table["at"] >= moment
    later = table["at"] > moment
    if name == "impressions":
        return later | ((table["at"] == moment) & ~_half(table["impression"], half))
    return later


def _half(ids: pd.Series, half: int) -> pd.Series:
    hashed = pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False)
    return pd.Series(hashed % np.uint64(2) == half, index=ids.index)
