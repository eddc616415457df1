"""Real formats on real disks: what is wrong with a day is said once, and nothing is left behind."""

import datetime as dt
import gzip
import json

import numpy as np
import pandas as pd
import pytest
from deployments import Deployment

from ml.sources.digix import NOT_READ, READ
from ml.world import World, generate_day

DAY = dt.date(2026, 1, 5)


def listens(rows=2000, negative=0):
    """A day of plays, of which the first ``negative`` lasted less than no time."""
    seconds = pd.to_timedelta(np.arange(rows) * 40, unit="s")
    frame = pd.DataFrame(
        {"listener": [f"l{row % 97}" for row in range(rows)], "track": "t",
         "at": pd.Timestamp(DAY) + seconds, "ms_played": 1000, "track_ms": -1, "device": "phone",
         "context": "album"}
    )  # fmt: skip
    frame.loc[frame.index[:negative], "ms_played"] = -12
    return frame


def partition(place, table, frame, day=DAY):
    """A day of a table in a folder of Parquet partitions."""
    folder = place.folder / "files" / table / f"day={day}"
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / "part-0.parquet")
    return folder / "part-0.parquet"


@pytest.fixture
def parquet(tmp_path):
    place = Deployment(tmp_path, source="parquet", folder="files")
    (tmp_path / "files").mkdir()
    return place


def ingest(place, table="listens", day=DAY):
    return place.run("tasks.ingest", "IngestDay", table=table, day=day)


def test_a_few_malformed_rows_are_set_aside_and_the_counts_add_up(parquet):
    partition(parquet, "listens", listens(negative=1))
    done = ingest(parquet)
    assert done.returncode == 0, done.stderr
    report = parquet.json("IngestDay", f"listens.{DAY}", "report.json")
    assert (report["rows_in"], report["rows_kept"], report["rows_quarantined"]) == (2000, 1999, 1)
    assert report["rules"][0] | {"example": ""} == {
        "rule": "must be at least 0", "column": "ms_played", "rows": 1, "example": ""}  # fmt: skip
    aside = parquet.frame("IngestDay", f"listens.{DAY}", "quarantine.parquet")
    kept = parquet.frame("IngestDay", f"listens.{DAY}", "shard-000.parquet")
    assert aside["ms_played"].tolist() == ["-12"] and len(kept) == 1999


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-40])


def emptied(path):
    path.write_bytes(b"")


def without_times(path):
    listens().drop(columns="at").to_parquet(path)


def one_in_twenty_negative(path):
    listens(negative=100).to_parquet(path)


def gone(path):
    path.unlink()


@pytest.mark.parametrize(
    "harm, exit_code, said",
    [
        (one_in_twenty_negative, 30, ["RowViolation", "100 of 2,000 rows", "ms_played",
                                      "must be at least 0", "100 rows, e.g. line 1: '-12'"]),
        (without_times, 30, ["ShapeViolation", "at  expected datetime64[ms]", "no such column"]),
        (emptied, 30, ["SourceUnreadable", "part-0.parquet", "an empty file (0 bytes)"]),
        (cut_short, 30, ["SourceUnreadable", "part-0.parquet", "not whole Parquet"]),
        (gone, 20, ["SourceDay", f"listens/day={DAY}/*.parquet is not there"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_a_bad_day_is_one_clear_error_and_leaves_the_store_as_it_was(
    parquet, harm, exit_code, said
):
    path = partition(parquet, "listens", listens())
    partition(parquet, "listens", listens(), DAY - dt.timedelta(1))
    harm(path)
    done = ingest(parquet)
    assert done.returncode == exit_code, done.stderr
    assert [words for words in said if words not in done.stderr] == []
    assert done.stderr.count(said[0] + ": ") == 1
    assert parquet.artifacts() == set() and list(parquet.root.glob("_staging/*")) == []


@pytest.mark.parametrize(
    "source, table, name, content, day",
    [
        ("digix", "impressions", "pt_d=2.csv.gz", gzip.compress("uid,ville\n1,Orl\xe9ans".encode(
            "latin-1")), dt.date(2020, 1, 2)),
        ("eventlog", "listens", f"{DAY}-events.json", '{"page": "Caf\xe9"}\n'.encode("latin-1"),
         DAY),
    ],
    ids=["an ad log", "an event log"],
)  # fmt: skip
def test_text_in_another_encoding_is_refused_with_its_line(
    tmp_path, source, table, name, content, day
):
    place = Deployment(tmp_path, source=source, folder="files")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / name).write_bytes(content)
    done = ingest(place, table, day)
    assert done.returncode == 30
    assert name in done.stderr and "not UTF-8 (0xe9, in line" in done.stderr
    assert place.artifacts() == set()


def test_the_same_days_give_the_same_examples_as_parquet_and_as_the_world(night, parquet):
    first, last = World().first_day, World().first_day + dt.timedelta(2)
    for day in (first, first + dt.timedelta(1), last):
        for name, frame in generate_day(World(listeners=250), day).items():
            partition(parquet, name.removesuffix(".parquet"), frame, day)
    day = last - dt.timedelta(1)
    parquet.build("tasks.examples", "BuildExamples", family="ad_targeting", day=day, shard=0)
    label = f"ad_targeting.{day}.0"
    digests = [place.manifest("BuildExamples", label)["digest"] for place in (night, parquet)]
    assert digests[0] == digests[1]
    assert len(parquet.frame("BuildExamples", label)) > 50


def ad_log(number, rows=150):
    """A day of the challenge's CSV: every tenth impression clicked."""
    columns = ["label", *READ, *NOT_READ]
    frame = pd.DataFrame(number + 1, index=range(rows), columns=columns)
    return frame.assign(
        label=[int(row % 10 == number) for row in range(rows)],
        uid=[row % 60 for row in range(rows)],
        adv_id=[row % 7 for row in range(rows)],
        communication_onlinerate="8^20",
        pt_d=number,
    )


def test_days_of_an_ad_log_go_through_a_whole_night_and_are_too_few_to_go_live(tmp_path):
    place = Deployment(tmp_path, source="digix", folder="files")
    (tmp_path / "files").mkdir()
    for number in (1, 2, 3):
        content = ad_log(number).to_csv(index=False).encode()
        (tmp_path / "files" / f"pt_d={number}.csv.gz").write_bytes(gzip.compress(content))
    place.build("workflows.nightly", "Nightly", day="2020-01-03")
    evaluation = place.json("EvaluateModel", "ad_targeting.2020-01-03", "evaluation.json")
    assert evaluation["test_days"] == ["2020-01-03"] and evaluation["rows"] == 150
    assert {"base rate", "smoothed ad rate", "smoothed slot x ad rate"} < set(evaluation["metrics"])
    decision = place.json("DecideModel", "ad_targeting.2020-01-03", "decision.json")
    assert "The model was judged on 150 rows, but at least 500 are needed" in decision["reasons"]
    assert place.json("PublishModel", "ad_targeting.2020-01-03")["published"] is False
    earned = place.json("EstimateOffPolicy", "ad_targeting.2020-01-03", "off_policy.json")
    assert earned["policies"] == [] and "no propensities" in earned["notes"][0]


def event(user, second, page="NextSong", **more):
    at = pd.Timestamp("2018-11-02") + pd.Timedelta(seconds=second)
    return {"page": page, "userId": str(user), "sessionId": user, "ts": int(at.timestamp() * 1000),
            "level": "free", "artist": "a", "song": f"s{second}", "length": 200.0,
            "location": "Ashland, OR", "registration": 1540000000000, "gender": "F",
            "userAgent": "iPhone", **more}  # fmt: skip


def test_an_event_log_of_few_listeners_ends_green_and_says_why_nothing_is_live(tmp_path):
    place = Deployment(tmp_path, source="eventlog", folder="files")
    (tmp_path / "files").mkdir()
    events = [event(user, 200 * number) for user in range(5) for number in range(25)]
    lines = "\n".join(json.dumps(one) for one in [*events, event("", 9, page="Home")])
    (tmp_path / "files" / "2018-11-02-events.json").write_text(lines)
    place.build("workflows.nightly", "Nightly", day="2018-11-02")
    night = "user_segmentation.2018-11-02"
    (reason,) = place.json("DecideModel", night, "decision.json")["reasons"]
    assert "No model was trained. No segments are defined yet." in reason
    assert "5 of 5 listeners had 20 plays or more" in reason
    page = place.text("WriteReport", night, "payload.html")
    assert "No segments are defined yet." in page and "does not go live" in page
