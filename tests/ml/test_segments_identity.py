"""A segment stays itself from one discovery to the next: ids, colors, names."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ml.segments.identity import COLORS, Identities, match

FIRST, NEXT = dt.date(2026, 1, 28), dt.date(2026, 2, 25)


def labelled(*sizes: int, start: int = 0) -> pd.Series:
    """Listeners in groups 0, 1, ... of these sizes."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    names = [f"listener-{number:04d}" for number in range(start, start + len(labels))]
    return pd.Series(labels, index=pd.Index(names, dtype="str"))


def definitions(found: Identities, day: dt.date = FIRST) -> dict:
    named = [one | {"name": one["name"] or f"name of {one['id']}"} for one in found.segments]
    return {"as_of": day.isoformat(), "segments": named, "next_id": found.next_id}


def positions(labels: pd.Series, found: Identities) -> pd.Series:
    return pd.Series(np.argsort(found.order)[labels.to_numpy()], labels.index)


def first(labels: pd.Series) -> dict:
    return definitions(match(None, None, labels, FIRST))


def test_the_first_discovery_numbers_segments_by_size():
    found = match(None, None, labelled(10, 30, 20), FIRST)
    assert found.order.tolist() == [1, 2, 0]
    assert [one["id"] for one in found.segments] == ["s1", "s2", "s3"]
    assert found.previous is None and found.next_id == 4


def test_the_same_groups_numbered_otherwise_keep_everything():
    labels = labelled(30, 20, 10)
    before = first(labels)
    found = match(before, labels, 2 - labels, NEXT)
    assert found.segments == before["segments"]
    assert positions(2 - labels, found).tolist() == labels.tolist()
    assert found.previous["agreement"] == 1
    assert not found.previous["new"] and not found.previous["retired"]


@pytest.mark.parametrize("seed", range(8))
def test_a_permutation_of_the_groups_changes_nothing(seed):
    random = np.random.default_rng(seed)
    old = labelled(40, 30, 30, 20)
    before = first(old)
    moved = np.where(random.random(len(old)) < 0.3, random.integers(0, 5, len(old)), old)
    labels = pd.Series(moved, old.index)
    permutation = random.permutation(5)
    one = match(before, old, labels, NEXT)
    other = match(before, old, pd.Series(permutation[moved], old.index), NEXT)
    assert one.segments == other.segments and one.previous == other.previous
    assert permutation[one.order].tolist() == other.order.tolist()


def test_a_vanished_group_is_retired_and_its_id_is_never_given_away():
    old = labelled(30, 20, 10)
    before = first(old)
    gone = match(before, old[old < 2], old[old < 2], NEXT)
    assert [one["id"] for one in gone.previous["retired"]] == ["s3"]
    back = match(definitions(gone, NEXT), old.replace({2: 0}), old, NEXT)
    assert [one["id"] for one in back.segments] == ["s1", "s2", "s4"]
    assert back.previous["new"] == ["s4"]


def test_a_new_group_gets_a_new_id_a_color_nobody_had_and_the_day_it_was_found():
    old = labelled(30, 20)
    before = first(old)
    labels = pd.concat([old, labelled(25, start=100) + 2])
    found = match(before, old, labels, NEXT)
    assert [one["id"] for one in found.segments] == ["s1", "s2", "s3"]
    assert found.segments[2]["since"] == "2026-02-25" and found.segments[0]["since"] == "2026-01-28"
    assert found.segments[2]["color"] == COLORS[2] and found.segments[2]["name"] == ""


def test_a_group_that_falls_apart_passes_its_identity_to_the_larger_part_or_to_nobody():
    old = labelled(60, 20)
    before = first(old)
    uneven = match(before, old, labelled(40, 20, 20), NEXT)
    assert uneven.previous["kept"][0] == {"id": "s1", "overlap": pytest.approx(2 / 3, abs=1e-5)}
    thirds = match(before, old, labelled(20, 20, 20, 20), NEXT)
    assert [one["id"] for one in thirds.previous["retired"]] == ["s1"]
    assert len(thirds.previous["new"]) == 3


def test_colors_are_unique_while_there_are_enough():
    old = labelled(*[10] * 8)
    before = first(old)
    labels = pd.Series(np.arange(80) % 8, old.index)
    found = match(before, old, labels, NEXT)
    assert not found.previous["kept"]
    assert len({one["color"] for one in found.segments}) == 8


def test_after_a_discovery_that_found_nothing_ids_go_on():
    old = labelled(30, 20)
    nothing = match(first(old), old, old.head(0), NEXT)
    assert nothing.segments == [] and nothing.next_id == 3
    again = match(definitions(nothing, NEXT), old.head(0), old, NEXT)
    assert [one["id"] for one in again.segments] == ["s3", "s4"]
    assert again.previous["agreement"] is None
