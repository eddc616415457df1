"""Shards: who asked to be forgotten is in no row, also where somebody else's row names them."""

import datetime as dt

import pandas as pd
import pytest

from ml import shards
from ml.errors import SourceUnreadable
from ml.ingest import ingest
from ml.privacy import PseudonymKey, pseudonym, shard_of
from ml.sources.folder import read
from ml.tables import FRIENDSHIPS, LISTENS, TABLES

DAY = dt.date(2026, 1, 5)
KEY = PseudonymKey(b"a secret of many bytes")
SHARDS = 4
PEOPLE = [f"person-{number}" for number in range(40)]


@pytest.fixture
def friendships(tmp_path):
    """A ring of forty friends, told in both directions, as ingested; one row is damaged."""
    ring = list(zip(PEOPLE, [*PEOPLE[1:], PEOPLE[0]], strict=True))
    rows = pd.DataFrame([*ring, *((b, a) for a, b in ring)], columns=["listener", "friend"])
    rows.loc[len(rows)] = ["person-1", "person two"]
    (tmp_path / "friendships" / f"day={DAY}").mkdir(parents=True)
    rows.to_parquet(tmp_path / "friendships" / f"day={DAY}" / "part-0.parquet")
    return tmp_path, taken_in(tmp_path)


def taken_in(place, forgotten=None) -> dict:
    return ingest(place, forgotten, read=read, table=FRIENDSHIPS, day=DAY, key=KEY, shards=SHARDS,
                  tolerance=0.05, source_name="parquet")  # fmt: skip


def told(tmp_path, people: list[str]) -> pd.DataFrame:
    """The list of these people, as a recipe is given it."""
    listed = tmp_path / "forgotten.csv"
    pd.DataFrame({"listener": people}).to_csv(listed, index=False)
    return shards.forgotten(listed, key=KEY)


def rows_of(found) -> pd.DataFrame:
    """All rows of all shards."""
    return pd.concat([found[shards.file_of(one)] for one in range(SHARDS)])


def test_a_friend_has_the_pseudonym_they_have_as_a_listener(friendships):
    _, found = friendships
    rows = rows_of(found)
    names = set(pseudonym(pd.Series(PEOPLE), KEY))
    assert set(rows["friend"]) == names == set(rows["listener"])
    assert (rows.groupby("listener")["friend"].nunique() == 2).all()


def test_a_friends_id_is_neither_in_quarantine_nor_in_an_example(friendships):
    _, found = friendships
    aside = found["quarantine.parquet"]
    assert aside["friend"].tolist() == [pseudonym(pd.Series(["person two"]), KEY)[0]]
    assert found["report.json"]["rules"][0]["example"] == "line 81: (not shown)"
    assert not aside.astype(str).stack().str.contains("person").any()


def test_a_forgotten_listener_is_gone_from_their_friends_rows_in_every_shard(
    friendships, tmp_path
):
    place, found = friendships
    homes = shard_of(pseudonym(pd.Series(PEOPLE), KEY), SHARDS)
    # Somebody whose friends live in other shards than they do.
    gone = next(at for at in range(1, 39) if {homes[at - 1], homes[at + 1]} - {homes[at]})
    who = pseudonym(pd.Series([PEOPLE[gone]]), KEY)[0]
    again = taken_in(place, told(place, [PEOPLE[gone]]))
    rows = rows_of(again)
    assert who not in set(rows["listener"]) | set(rows["friend"])
    assert len(rows) == again["report.json"]["rows_kept"] == found["report.json"]["rows_kept"] - 4


def test_a_forgotten_listener_is_not_in_quarantine_either(friendships):
    place, found = friendships
    assert len(found["quarantine.parquet"]) == 1
    again = taken_in(place, told(place, ["person two"]))
    assert again["quarantine.parquet"].empty and again["report.json"]["rows_quarantined"] == 0


def test_while_nobody_is_forgotten_a_day_is_ingested_as_it_is(friendships):
    place, found = friendships
    again = taken_in(place, told(place, []))
    assert again["report.json"] == found["report.json"]
    pd.testing.assert_frame_equal(rows_of(again), rows_of(found))


def test_the_list_holds_neither_ids_nor_pseudonyms(tmp_path):
    listed = told(tmp_path, PEOPLE)
    names = set(pseudonym(pd.Series(PEOPLE), KEY)) | set(PEOPLE)
    assert len(listed) == len(PEOPLE) and names.isdisjoint(set(listed.astype(str).stack()))


def test_a_list_without_its_header_is_refused(tmp_path):
    (tmp_path / "forgotten.csv").write_text("person-1\nperson-2\n")
    with pytest.raises(SourceUnreadable, match="a header line: listener"):
        shards.forgotten(tmp_path / "forgotten.csv", key=KEY)


def test_every_column_that_holds_listeners_says_so():
    assert LISTENS.listeners == ("listener",) and FRIENDSHIPS.listeners == ("listener", "friend")
    for table in TABLES.values():
        assert ("listener" in table.names) == ("listener" in table.listeners), table.name
