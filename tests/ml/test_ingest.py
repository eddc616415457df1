"""Ingest: every row is accounted for, and nothing is guessed."""

import datetime as dt
import pickle

import pandas as pd
import pytest

from ml.errors import (
    ContractViolation,
    RowViolation,
    SensitiveFeature,
    ShapeViolation,
    SourceUnreadable,
)
from ml.ingest import ingest
from ml.privacy import PseudonymKey
from ml.sources.folder import read
from ml.tables import IMPRESSIONS, LISTENS, TRACKS

DAY = dt.date(2026, 1, 5)
KEY = PseudonymKey(b"a secret of many bytes")


def day_of(rows: int) -> pd.DataFrame:
    """Listens of which every row is good and no two are equal."""
    return pd.DataFrame(
        {
            "listener": [f"person-{row % 50}" for row in range(rows)],
            "track": [f"t{row % 7}" for row in range(rows)],
            "at": pd.Timestamp(DAY) + pd.to_timedelta(range(rows), unit="s"),
            "ms_played": 1000,
            "track_ms": 2000,
            "device": "phone",
            "context": "album",
        }
    ).astype({"at": "datetime64[ms]"})


@pytest.fixture
def taken_in(tmp_path):
    """Write a frame as a day of a folder of Parquet and ingest it."""

    def take_in(frame, table=LISTENS, shards=4, tolerance=0.01):
        path = tmp_path / table.name / f"day={DAY}" / "part-0.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path)
        return ingest(tmp_path, read=read, table=table, day=DAY, key=KEY, shards=shards,
                      tolerance=tolerance, source_name="parquet")  # fmt: skip

    return take_in


def shards_of(found: dict) -> list[pd.DataFrame]:
    return [frame for name, frame in found.items() if name.startswith("shard-")]


def test_rows_in_are_rows_kept_quarantined_and_repeated(taken_in):
    rows = pd.concat([day_of(1000), day_of(1000).head(3)], ignore_index=True)
    rows.loc[[10, 20], "ms_played"] = -5
    found = taken_in(rows)
    report = found["report.json"]
    assert report["rows_in"] == 1003
    assert (report["rows_quarantined"], report["exact_duplicates"]) == (2, 3)
    assert report["rows_kept"] == 998 == sum(len(shard) for shard in shards_of(found))
    assert report["rules"] == [
        {"rule": "must be at least 0", "column": "ms_played", "rows": 2, "example": "line 11: '-5'"}
    ]


def test_a_good_row_is_no_repeat_of_one_that_could_not_be_read(taken_in):
    rows = day_of(1000).astype({"ms_played": "str"})
    rows.loc[11] = rows.loc[10]
    rows.loc[[10, 11], "ms_played"] = ["many", "0"]
    report = taken_in(rows)["report.json"]
    assert (report["rows_kept"], report["exact_duplicates"]) == (999, 0)


def test_quarantine_says_why_and_never_holds_a_raw_id(taken_in):
    rows = day_of(1000)
    rows.loc[3, "listener"] = "person three"
    rows.loc[4, "ms_played"] = -5
    found = taken_in(rows)
    bad = found["quarantine.parquet"]
    assert bad["line"].tolist() == [4, 5]
    assert bad["reason"].tolist() == [
        "listener must be an id of 1 to 128 characters without spaces",
        "ms_played must be at least 0",
    ]
    assert not bad.astype(str).stack().str.contains("person").any()
    assert "person" not in str(found["report.json"])


def test_above_the_tolerance_the_day_is_refused_with_every_rule(taken_in):
    rows = day_of(100)
    rows.loc[0:4, "ms_played"] = -12
    rows.loc[7, "at"] = pd.Timestamp("2026-01-09")
    with pytest.raises(RowViolation) as refused:
        taken_in(rows)
    assert str(refused.value) == (
        "listens 2026-01-05 breaks 2 rules (6 of 100 rows; at most 1.00% may)\n"
        "  at         must lie on 2026-01-05  1 row, e.g. line 8: '2026-01-09 00:00:00'\n"
        "  ms_played  must be at least 0      5 rows, e.g. line 1: '-12'\n"
        "The day was not accepted; the previous snapshot stands. Repair the file, or, to "
        "accept these rows, change LISTENS in ml/tables.py."
    )


def test_a_wrong_shape_names_every_column_at_fault(taken_in):
    with pytest.raises(ShapeViolation) as refused:
        taken_in(day_of(5).drop(columns=["track", "context"]).assign(ms_played="never"))
    assert {column for column, _, _ in refused.value.problems} == {"track", "context", "ms_played"}
    assert "source 'parquet'" in str(refused.value)


def test_errors_survive_the_way_back_from_another_process():
    error = ShapeViolation("listens", DAY, "world", [("track", "str (text)", "no such column")])
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, ContractViolation)
    assert str(again) == str(error)


def test_every_listener_is_in_one_shard_and_the_shards_together_do_not_depend_on_their_number(
    taken_in,
):
    four, one = (shards_of(taken_in(day_of(1000), shards=count)) for count in (4, 1))
    homes = pd.concat([shard.assign(home=at) for at, shard in enumerate(four)])
    assert (homes.groupby("listener")["home"].nunique() == 1).all()
    together = pd.concat(four).sort_values(["listener", "at"], ignore_index=True)
    pd.testing.assert_frame_equal(together, one[0])


def test_the_order_of_the_file_does_not_matter(taken_in):
    forwards = taken_in(day_of(500))
    backwards = taken_in(day_of(500).iloc[::-1])
    for name in (name for name in forwards if name.startswith("shard")):
        pd.testing.assert_frame_equal(forwards[name], backwards[name])


def test_a_day_without_rows_flows_through_with_its_types(taken_in):
    found = taken_in(day_of(1).iloc[:0])
    assert found["report.json"]["rows_in"] == 0
    assert all(shard.dtypes.equals(LISTENS.empty().dtypes) for shard in shards_of(found))


def test_a_table_without_listeners_has_one_shard(taken_in):
    assert len(shards_of(taken_in(TRACKS.empty(), TRACKS))) == 1


def test_a_sensitive_attribute_does_not_come_in_by_the_side_door(taken_in):
    with pytest.raises(SensitiveFeature, match="attr_gender"):
        taken_in(IMPRESSIONS.empty().assign(attr_gender=pd.Series(dtype="int64")), IMPRESSIONS)


def test_two_impressions_under_one_id_are_both_set_aside(taken_in):
    rows = pd.DataFrame(
        {"impression": [f"i{max(row, 1)}" for row in range(300)], "listener": "ann", "ad": "a",
         "campaign": "c", "advertiser": "b", "format": "audio", "slot": "midroll",
         "break_position": range(300), "at": pd.Timestamp(DAY), "device": "car", "mood": "calm"}
    )  # fmt: skip
    assert taken_in(rows, IMPRESSIONS)["report.json"]["rows_quarantined"] == 2


@pytest.mark.parametrize(
    "damage, said",
    [
        (lambda data: b"", "an empty file"),
        (lambda data: data[: len(data) // 2], "not whole Parquet"),
        (lambda data: b"listener,track\n", "not whole Parquet"),
    ],
    ids=["empty", "cut short", "another format"],
)
def test_a_damaged_file_is_one_clear_error(taken_in, tmp_path, damage, said):
    taken_in(day_of(100))
    (path,) = tmp_path.rglob("*.parquet")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SourceUnreadable, match=said) as refused:
        ingest(path, read=read, table=LISTENS, day=DAY, key=KEY, shards=1, source_name="x")
    assert refused.value.path == path


def test_a_day_that_has_not_arrived_says_what_was_looked_for(tmp_path):
    with pytest.raises(SourceUnreadable, match="no such file"):
        ingest(tmp_path, read=read, table=LISTENS, day=DAY, key=KEY, shards=1, source_name="x")
