"""Monitoring as it runs every day: on a real deployment, with a model that was live before."""

import datetime as dt
import hashlib
import json

import lightgbm
import numpy as np
import pytest
from advertising_days import FIRST, tables
from deployments import Deployment

from ml.families import FAMILIES
from tasks.engine import codec
from tasks.engine.explain import graph
from tasks.engine.folder_store import FolderStore
from tasks.engine.manifest import Manifest, digest_of_payload
from tasks.engine.payload import payload_of
from tasks.evaluation import DecideModel
from tasks.scoring import ScoreListeners
from workflows.highlights import MONITORING
from workflows.nightly import Nightly

FAMILY = "ad_targeting"
DAYS = 9
TONIGHT = FIRST + dt.timedelta(DAYS - 1)
ROWS = 400
WORDS = ["phone", "speaker"]


def bundle():
    """A small model of the one thing that matters in these days: phones answer far more often."""
    dice = np.random.default_rng(1)
    device = dice.integers(0, 2, 3000)
    answered = dice.random(3000) < np.where(device == 0, 0.24, 0.03)
    booster = lightgbm.train(
        {"objective": "binary", "num_threads": 1, "verbose": -1, "num_leaves": 4, "seed": 1},
        lightgbm.Dataset(device[:, None].astype(float), answered), num_boost_round=40,
    )
    return {
        "decision.json": {"verdict": "blessed", "live_day": str(FIRST)},
        "model.txt": booster.model_to_string(),
        "card.json": {"features": ["device"], "categorical": {"device": WORDS}, "classes": None,
                      "objective": "binary", "keep_negatives": 1.0},
        "calibration.json": {"method": "identity", "rows": 0, "notes": []},
    }  # fmt: skip


def keep(store, task, value):
    """An artifact of the first day in the store, as a run would leave it; its address."""
    label = f"{FAMILY}.{FIRST}"
    address = task, label, hashlib.sha256(task.encode()).hexdigest()
    with store.staging() as stage:
        kind, payload = codec.write(value, stage), payload_of(stage)
        store.commit(stage, Manifest(
            *address, parameters={}, function="planted", values={}, code={}, libraries={},
            inputs={}, payload=payload, codec=kind, digest=digest_of_payload(payload), rows=None,
            reasons=[], previous=None, created=f"{FIRST}T05:00:00+00:00", seconds=0.0,
            peak_memory_bytes=None, host="here"))  # fmt: skip
    return "/".join(address)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Nine days of advertising, a model that went live on the first, and two nights watched.

    On the second night every impression is on a speaker, and a third of the rows is there.
    """
    place = Deployment(tmp_path_factory.mktemp("monitoring") / "home", source="parquet",
                       folder="files")  # fmt: skip
    for number in range(DAYS + 1):
        day = FIRST + dt.timedelta(number)
        for name, frame in tables(day).items():
            if name == "impressions":
                frame = frame.head(ROWS)
                if number == DAYS:
                    frame = frame.head(ROWS // 3).assign(device="speaker")
            partition = place.folder / "files" / name / f"day={day}"
            partition.mkdir(parents=True)
            frame.to_parquet(partition / "part-0.parquet")
    store = FolderStore(place.root)
    keep(store, "PublishModel", {"live": keep(store, "DecideModel", bundle())})
    place.first = monitor(place, TONIGHT)
    place.second = monitor(place, TONIGHT + dt.timedelta(1))
    return place


def monitor(place, day):
    return place.python("-m", "workflows.cli", "run", "monitoring", "--day", str(day))


def found(place, task, later=0):
    return place.json(task, f"{FAMILY}.{TONIGHT + dt.timedelta(later)}")


def test_a_usual_night_is_quiet_and_leaves_a_page(watched):
    assert watched.first.returncode == 0, watched.first.stdout + watched.first.stderr
    assert "  alarm " not in watched.first.stdout
    page = watched.text("WriteMonitoring", str(TONIGHT), "payload.html")
    assert "Nothing is unusual." in page and "8 days old; its shelf life is 14 days" in page
    drift = found(watched, "MeasureDrift")
    assert {one["verdict"] for one in drift["features"]} == {"stable"}
    assert {"device", "hour"} <= {one["feature"] for one in drift["features"]}


def test_the_model_is_judged_on_the_labels_that_matured_since(watched):
    judged = found(watched, "JudgeDay")
    assert (judged["rows"], judged["live_day"]) == (ROWS, str(FIRST))
    told, real = judged["estimated"]["normalized_entropy"], judged["figures"]["normalized_entropy"]
    assert told["low"] <= real["value"] <= told["high"]
    followed = found(watched, "MeasureCalibration", later=1)
    assert [one["day"] for one in followed["days"]] == [str(TONIGHT - dt.timedelta(1)),
                                                        str(TONIGHT)]  # fmt: skip


def test_a_night_on_which_everything_changed_is_told_in_sentences(watched):
    assert watched.second.returncode == 0, "an alarm is a result, not a failure"
    told = [line for line in watched.second.stdout.splitlines() if line.startswith("  alarm ")]
    assert any("device" in line and "spread otherwise than usual" in line for line in told)
    assert any("impressions of" in line and "has 133 rows" in line for line in told)
    page = watched.text("WriteMonitoring", str(TONIGHT + dt.timedelta(1)), "payload.html")
    drift = found(watched, "MeasureDrift", later=1)
    assert all(one["sentence"].split(" (")[0] in page for one in drift["alarms"])


def test_a_night_reads_what_earlier_nights_wrote_down_and_counts_its_own_day_alone(watched):
    """The second night makes one day's counts and reads the other's record."""
    second = watched.manifest("EstimatePerformance", f"{FAMILY}.{TONIGHT + dt.timedelta(1)}")
    assert "recorded" in second["inputs"]
    records = sorted((watched.root / "_runs").glob("*.jsonl"))
    lines = [json.loads(line) for line in records[-1].read_text().splitlines()]
    built = [one["label"] for one in lines if one["outcome"] == "built"]
    examples = [one["label"] for one in lines if one["task"] == "CountExamples"]
    assert examples == [f"{FAMILY}.{TONIGHT}"] and len(built) < 40


def test_before_anything_is_live_nothing_is_watched_but_the_tables(place):
    tasks = {one.task_family for one in graph(Nightly(day=dt.date(2026, 1, 6)))}
    assert {"WriteMonitoring", "CheckTables"} <= tasks
    assert tasks.isdisjoint(set(MONITORING) - {"CheckTables"})


def test_nothing_that_is_learnt_or_scored_depends_on_monitoring(watched, monkeypatch):
    monkeypatch.chdir(watched.folder)
    for family in FAMILIES:
        parts = [DecideModel(family=family, day=dt.date(2026, 1, 8)),
                 ScoreListeners(family=family, day=dt.date(2026, 1, 8), shard=0)]  # fmt: skip
        modules = {type(one).__module__ for one in graph(*parts)}
        assert not [name for name in modules if "monitoring" in name]
