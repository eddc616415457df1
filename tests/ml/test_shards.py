"""Shards: who asked to be forgotten is in no row, also where somebody else's row names them."""

import datetime as dt

import pandas as pd
import pytest

from ml import shards
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
    found = ingest(tmp_path, read=read, table=FRIENDSHIPS, day=DAY, key=KEY, shards=SHARDS,
                   tolerance=0.05, source_name="parquet")  # fmt: skip
    for name, frame in found.items():
        if name.endswith(".parquet"):
            frame.to_parquet(tmp_path / name)
    return tmp_path, found


def told(tmp_path, people: list[str]) -> list[pd.DataFrame]:
    """The lists of all shards of these people."""
    listed = tmp_path / "forgotten.csv"
    pd.DataFrame({"listener": people}).to_csv(listed, index=False)
    return [shards.forgotten(listed, key=KEY, shard=one, shards=SHARDS) for one in range(SHARDS)]


def left(place, lists) -> pd.DataFrame:
    """All rows of all shards that are left."""
    found = [
        shards.shard(place, number=one, forgotten=lists, listeners=FRIENDSHIPS.listeners)
        for one in range(SHARDS)
    ]
    return pd.concat(
        [pd.read_parquet(each) if not isinstance(each, pd.DataFrame) else each for each in found]
    )


def test_a_friend_has_the_pseudonym_they_have_as_a_listener(friendships):
    _, found = friendships
    rows = pd.concat([found[f"shard-{one:03d}.parquet"] for one in range(SHARDS)])
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
    rows = left(place, told(tmp_path, [PEOPLE[gone]]))
    assert who not in set(rows["listener"]) | set(rows["friend"])
    assert len(rows) == found["report.json"]["rows_kept"] - 4


def test_one_shards_list_is_not_enough_for_a_table_that_names_friends(friendships, tmp_path):
    place, _ = friendships
    one = told(tmp_path, PEOPLE[:1])[0]
    with pytest.raises(ValueError, match=r"\(listener, friend\).*the lists of all"):
        shards.shard(place, number=0, forgotten=one, listeners=FRIENDSHIPS.listeners)


def test_while_nobody_is_forgotten_a_shard_is_the_ingested_file(friendships, tmp_path):
    place, _ = friendships
    file = place / "shard-001.parquet"
    for nobody in (None, told(tmp_path, [])):
        found = shards.shard(place, number=1, forgotten=nobody, listeners=FRIENDSHIPS.listeners)
        assert found == file
    assert shards.shard(place, number=1, forgotten=told(tmp_path, [])[1]) == file


def test_every_column_that_holds_listeners_says_so():
    assert LISTENS.listeners == ("listener",) and FRIENDSHIPS.listeners == ("listener", "friend")
    for table in TABLES.values():
        assert ("listener" in table.names) == ("listener" in table.listeners), table.name
