"""The ad log: one file a day becomes impressions and clicks."""

import datetime as dt
import gzip

import pandas as pd
import pytest

from ml.errors import SourceUnreadable
from ml.ingest import ingest
from ml.privacy import PseudonymKey
from ml.sources import SOURCES
from ml.sources.digix import NOT_READ, READ, online_hours
from ml.tables import TABLES

DAY = dt.date(2020, 1, 2)
KEY = PseudonymKey(b"a secret of many bytes")
DIGIX = SOURCES["digix"]


def rows(count: int = 40) -> pd.DataFrame:
    frame = pd.DataFrame("3", index=range(count), columns=["label", *READ, *NOT_READ])
    frame["label"] = ["1" if row % 10 == 0 else "0" for row in range(count)]
    frame["uid"] = [f"{100 + row}" for row in range(count)]
    frame["communication_onlinerate"] = "0^7^8^23"
    return frame.assign(pt_d="2")


@pytest.fixture
def ingested(tmp_path):
    def take_in(text: str | bytes, table: str, tolerance: float = 0.0):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "pt_d=2.csv.gz").write_bytes(gzip.compress(data))
        return ingest(tmp_path, read=DIGIX.read, table=TABLES[table], day=DAY, key=KEY, shards=1,
                      source_name="digix", tolerance=tolerance)  # fmt: skip

    return take_in


def csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False)


def test_a_file_is_found_by_its_day_and_its_day_by_its_name(tmp_path):
    (tmp_path / "pt_d=2.csv.gz").touch()
    assert DIGIX.days is not None
    assert DIGIX.days(tmp_path) == [DAY]
    assert len(DIGIX.paths(tmp_path, "outcomes", DAY)) == 1
    assert DIGIX.paths(tmp_path, "listens", DAY) == []


def test_clicks_are_outcomes_of_the_impressions_they_belong_to(ingested):
    impressions = ingested(csv(rows()), "impressions")["shard-000.parquet"]
    found = ingested(csv(rows()), "outcomes")
    clicks = found["shard-000.parquet"]
    assert len(clicks) == 4
    joined = clicks.merge(impressions, on=["impression", "listener", "at"])
    assert len(joined) == 4
    assert found["report.json"]["rows_out_of_scope"] == 36


def test_sensitive_columns_are_not_read(ingested):
    impressions = ingested(csv(rows()), "impressions")["shard-000.parquet"]
    assert not {"attr_age", "attr_gender", "attr_career"} & set(impressions.columns)
    assert impressions["attr_city"].tolist() == [3] * 40


def test_what_describes_an_ad_is_told_apart_from_what_describes_the_moment(ingested):
    frame = rows().assign(adv_id="8", task_id="5", tags="4", creat_type_cd="7", net_type="2")
    (shown,) = ingested(csv(frame), "impressions")["shard-000.parquet"].head(1).to_dict("records")
    assert (shown["ad"], shown["campaign"]) == ("8", "5")
    assert (shown["attr_ad_tags"], shown["attr_ad_creat_type"], shown["attr_net_type"]) == (4, 7, 2)


def test_a_day_to_score_has_impressions_and_no_outcomes(ingested):
    unlabelled = csv(rows().drop(columns="label"))
    assert len(ingested(unlabelled, "impressions")["shard-000.parquet"]) == 40
    outcomes = ingested(unlabelled, "outcomes")
    assert outcomes["shard-000.parquet"].empty
    assert "a day to score" in outcomes["report.json"]["notes"][0]


def test_a_torn_line_and_a_row_of_another_day_are_set_aside(ingested):
    stray = rows()
    stray.loc[5, "pt_d"] = "6"
    lines = csv(stray).splitlines()
    lines.insert(3, "0,1,2")
    found = ingested("\n".join(lines), "impressions", tolerance=0.1)
    assert found["quarantine.parquet"]["line"].tolist() == [4, 8]
    assert found["report.json"]["rows_in"] == 41
    assert found["report.json"]["rows_kept"] == 39


def test_missing_columns_are_named(ingested):
    with pytest.raises(SourceUnreadable, match="without uid, city"):
        ingested(csv(rows().drop(columns=["city", "uid"])), "impressions")


@pytest.mark.parametrize(
    "data, said",
    [
        (b"", "an empty file"),
        (gzip.compress(b"uid,label\n1,0\n" * 900)[:40], "cut short"),
        (b"uid,label\n", "not gzip"),
        (gzip.compress(b"uid,label\n\xff\xfe,0\n"), "not UTF-8 .*line 2"),
    ],
    ids=["empty", "cut short", "not gzip", "not UTF-8"],
)
def test_a_damaged_file_is_one_clear_error(tmp_path, data, said):
    (tmp_path / "pt_d=2.csv.gz").write_bytes(data)
    with pytest.raises(SourceUnreadable, match=said):
        DIGIX.read(tmp_path, "impressions", DAY)


def test_online_hours_are_counted_by_part_of_the_day():
    counts = online_hours(pd.Series(["0^7^8^23", "-1"]))
    assert counts.iloc[0].tolist() == [4, 1, 2, 0, 1]
    assert counts.iloc[1].tolist() == [-1] * 5


def test_a_file_without_labels_is_told_from_one_in_which_nobody_clicked(tmp_path):
    name = tmp_path / "pt_d=2.csv.gz"
    assert DIGIX.labelled is not None and DIGIX.labelled(tmp_path, DAY), "not there yet: awaited"
    name.write_bytes(gzip.compress(csv(rows().assign(label="0")).encode()))
    assert DIGIX.labelled(tmp_path, DAY)
    name.unlink()
    plain = tmp_path / "pt_d=2.csv"
    plain.write_text(csv(rows().drop(columns="label")))
    assert not DIGIX.labelled(tmp_path, DAY)
    plain.unlink()
    name.write_bytes(b"not gzip at all")
    assert not DIGIX.labelled(tmp_path, DAY), "what is wrong is said when the day is read"
