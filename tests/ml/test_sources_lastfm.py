"""Play counts and friendships: three files without time become three snapshots of one day."""

import datetime as dt

import pandas as pd
import pytest

from ml.errors import RowViolation, SourceUnreadable
from ml.ingest import ingest
from ml.privacy import PseudonymKey, pseudonym
from ml.sources import SOURCES
from ml.tables import TABLES

KEY = PseudonymKey(b"a secret of many bytes")
LASTFM = SOURCES["lastfm"]
DAY = dt.date(2011, 5, 1)

ARTISTS = (
    "id\tname\turl\tpictureURL\n"
    "1\tMALICE MIZER\thttp://music/1\thttp://pictures/1.jpg\n"
    '2\t"Weird Al" Yankovic\thttp://music/2\t\n'
    "7\t浜崎あゆみ\thttp://music/7\thttp://pictures/7.jpg\n"
)
PLAYS = "userID\tartistID\tweight\n2\t1\t13883\n2\t7\t11690\n3\t1\t5\n"
FRIENDS = "userID\tfriendID\n2\t275\n275\t2\n3\t2\n"
COUNTED = "2101\n3\n2\t275\n275\t2\n3\t2\n"
FILES = {
    "playcounts": ("user_artists.dat", PLAYS),
    "artists": ("artists.dat", ARTISTS),
    "friendships": ("user_friends.dat", FRIENDS),
}


@pytest.fixture
def ingested(tmp_path):
    """Write a table's file (with other content than usual) and ingest it."""

    def take_in(table: str, content: str | bytes | None = None, tolerance: float = 0.0):
        name, usual = FILES[table]
        content = usual if content is None else content
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        found = LASTFM.paths(tmp_path, table, DAY)
        return ingest(found, read=LASTFM.read, table=TABLES[table], day=DAY, key=KEY, shards=1,
                      source_name="lastfm", tolerance=tolerance)  # fmt: skip

    return take_in


def test_the_only_day_is_that_of_the_release(tmp_path):
    assert LASTFM.days is not None and LASTFM.days(tmp_path) == []
    (tmp_path / "artists.dat").write_text(ARTISTS)
    assert LASTFM.days(tmp_path) == [DAY]
    assert LASTFM.tables == ("playcounts", "artists", "friendships")
    with pytest.raises(SourceUnreadable, match=r"only day there is, 2011-05-01\n.*2011-05-02"):
        LASTFM.read(tmp_path, "artists", DAY + dt.timedelta(1))


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("table", FILES)
def test_all_rows_of_all_three_files_are_kept(ingested, table, ending):
    found = ingested(table, FILES[table][1].replace("\n", ending))
    assert found["report.json"]["rows_in"] == found["report.json"]["rows_kept"] == 3
    assert len(found["shard-000.parquet"]) == 3


def test_play_counts_are_of_pseudonyms(ingested):
    rows = ingested("playcounts")["shard-000.parquet"]
    two, three = pseudonym(pd.Series(["2", "3"]), KEY)
    told = rows.set_index(["listener", "artist"])["plays"].to_dict()
    assert told == {(two, "1"): 13883, (two, "7"): 11690, (three, "1"): 5}


def test_a_name_may_hold_quotation_marks_and_any_letters(ingested):
    names = ingested("artists")["shard-000.parquet"]["name"].tolist()
    assert names == ["MALICE MIZER", '"Weird Al" Yankovic', "浜崎あゆみ"]


@pytest.mark.parametrize("content", [FRIENDS, COUNTED, COUNTED.replace("\n", "\r\n")],
                         ids=["a header", "counts", "counts and CRLF"])  # fmt: skip
def test_friendships_are_read_below_a_header_and_below_counts(ingested, content):
    rows = ingested("friendships", content)["shard-000.parquet"]
    names = dict(zip(["2", "3", "275"], pseudonym(pd.Series(["2", "3", "275"]), KEY), strict=True))
    pairs = {(names["2"], names["275"]), (names["275"], names["2"]), (names["3"], names["2"])}
    assert set(rows.itertuples(index=False, name=None)) == pairs


def test_a_file_with_fewer_pairs_than_it_says_was_cut_short(ingested):
    with pytest.raises(SourceUnreadable, match=r"3 pairs, as its second line.*\n.*found     2"):
        ingested("friendships", "2101\n3\n2\t275\n275\t2\n")


@pytest.mark.parametrize(
    "table, content, line",
    [
        ("friendships", COUNTED.replace("275\t2\n", "275\n"), 4),
        ("friendships", FRIENDS.replace("275\t2\n", "275\t2\t9\n"), 3),
        ("playcounts", PLAYS.replace("\t11690", ""), 3),
        ("playcounts", PLAYS.replace("11690", "many"), 3),
        ("playcounts", PLAYS.replace("11690", "0"), 3),
        ("artists", ARTISTS.replace("\n7\t", "\n\t"), 4),
    ],
    ids=["torn below counts", "too long", "torn", "no number", "never played", "no id"],
)
def test_a_bad_row_is_set_aside_alone_and_found_by_its_line(ingested, table, content, line):
    found = ingested(table, content, tolerance=0.5)
    report = found["report.json"]
    assert found["quarantine.parquet"]["line"].tolist() == [line]
    assert report["rows_in"] == 3 == report["rows_kept"] + report["rows_quarantined"]


def test_two_artists_under_one_id_refuse_the_day(ingested):
    with pytest.raises(RowViolation, match="artist  must be unique  2 rows"):
        ingested("artists", ARTISTS.replace("\n7\t", "\n1\t"))


@pytest.mark.parametrize("table", FILES)
@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "an empty file"),
        (b"<html>\n<body>moved</body>\n", "columns <html>, without"),
        (b"id\tname\tuserID\tartistID\tfriendID\tweight\n1\tBj\xf6rk\t1\t1\t1\t1\n",
         "not UTF-8 .*line 2"),
        (b"PK\x03\x04 nothing that is a table\n", "without"),
    ],
    ids=["empty", "another page", "another encoding", "another format"],
)  # fmt: skip
def test_a_damaged_file_is_one_clear_error(ingested, table, content, said):
    with pytest.raises(SourceUnreadable, match=said):
        ingested(table, content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceUnreadable, match=r"user_artists.dat cannot be read(.|\n)*userID"):
        LASTFM.read(tmp_path, "playcounts", DAY)


@pytest.mark.parametrize("content", ["0\n0\n", "userID\tfriendID\n"])
def test_a_file_that_has_no_pairs_and_says_so_is_of_nobody(ingested, content):
    assert ingested("friendships", content)["shard-000.parquet"].empty
