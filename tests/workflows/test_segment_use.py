"""Segments of a real night: guarded before they are published, measured on adverts."""

import json

import pytest
from deployments import Deployment
from test_sources_night import event

SEGMENTS = "user_segmentation"
ADS = "ad_targeting"


@pytest.fixture(scope="module")
def used(night):
    """The night, with its segments guarded and measured."""
    for task in ("GuardSegments", "MeasureSegments"):
        night.build("tasks.segment_use", task, family=SEGMENTS, day=night.day)
    return night


def told(place, task, name):
    return place.json(task, f"{SEGMENTS}.{place.day}", name)


def test_every_segment_of_the_night_has_a_verdict_from_ages_and_genders(used):
    verdicts = told(used, "GuardSegments", "guard.json")
    named = told(used, "NameSegments", "names.json")["segments"]
    assert [one["id"] for one in verdicts["segments"]] == [one["id"] for one in named]
    assert verdicts["attributes"] == ["age_band", "gender"] and verdicts["bound"] == 2.0
    for one in verdicts["segments"]:
        assert one["sentence"].startswith("published" if one["published"] else "withheld")


def test_the_guards_shares_are_of_the_nights_own_members(used):
    members = used.frame("AssignSegments", f"{SEGMENTS}.{used.day}.0")
    lifts = told_frame(used)
    shown = lifts.dropna(subset=["listeners"])
    sizes = members["segment"].value_counts()
    assert len(shown) and (shown["listeners"] <= shown["segment"].map(sizes)).all()
    assert shown["listeners"].min() >= told(used, "GuardSegments", "guard.json")["minimum"]


def told_frame(place):
    return place.frame("GuardSegments", f"{SEGMENTS}.{place.day}", "lifts.parquet")


def test_every_judged_impression_of_the_ad_model_is_in_one_segment(used):
    measured = told(used, "MeasureSegments", "usefulness.json")
    judged = used.json("EvaluateModel", f"{ADS}.{used.day}", "evaluation.json")
    assert measured["days"] == judged["test_days"]
    assert sum(one["impressions"] for one in measured["segments"]) == judged["rows"]
    assert sum(one["responses"] for one in measured["segments"]) == judged["positives"]


def test_a_source_without_adverts_has_segments_that_are_not_measured(tmp_path):
    place = Deployment(tmp_path, source="eventlog", folder="files")
    (tmp_path / "files").mkdir()
    plays = [event(user, 200 * number) for user in range(5) for number in range(25)]
    lines = "\n".join(json.dumps(one) for one in plays)
    (tmp_path / "files" / "2018-11-02-events.json").write_text(lines)
    place.build("tasks.segment_use", "MeasureSegments", family=SEGMENTS, day="2018-11-02")
    measured = place.json("MeasureSegments", f"{SEGMENTS}.2018-11-02", "usefulness.json")
    assert measured["segments"] == [] and measured["overall"] is None
    assert "not measured: source eventlog has no impressions" in measured["notes"][0]
