"""Monitoring as it runs every day: on a real deployment, with a model that was live before."""

import datetime as dt
import gzip
import hashlib
import json
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from deployments import Deployment
from runbook import assert_quotes
from test_score_only import ad_log

from ml.families import FAMILIES
from tasks.engine import codec
from tasks.engine.explain import graph
from tasks.engine.folder_store import FolderStore
from tasks.engine.manifest import Manifest, digest_of_payload
from tasks.engine.payload import payload_of
from tasks.engine.workshop import workshop
from tasks.evaluation import DecideModel
from tasks.monitoring_records import Records
from tasks.scoring import ScoreListeners
from workflows.highlights import MONITORING
from workflows.nightly import Nightly

FAMILY = "ad_targeting"
FIRST, TONIGHT = dt.date(2020, 1, 7), dt.date(2020, 1, 8)
LATER = TONIGHT + dt.timedelta(1)
ROWS = 400
WORDS = ["1", "2"]


def bundle():
    """A small model of what matters most in these days: one device answers far more often."""
    dice = np.random.default_rng(1)
    device, task = dice.integers(0, 2, 9000), dice.integers(1, 5, 9000)
    answered = dice.random(9000) < np.where(device == 0, 0.3, 0.04) * (0.5 + 0.2 * task)
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


def keep(store, task, value, day=FIRST, created=f"{FIRST}T05:00:00+00:00"):
    """An artifact in the store, as a run would leave it; its address."""
    label = f"{FAMILY}.{day}"
    address = task, label, hashlib.sha256(f"{task}{created}".encode()).hexdigest()
    with store.staging() as stage:
        kind, payload = codec.write(value, stage), payload_of(stage)
        store.commit(stage, Manifest(
            *address, parameters={}, function="planted", values={}, code={}, libraries={},
            inputs={}, payload=payload, codec=kind, digest=digest_of_payload(payload), rows=None,
            reasons=[], previous=None, created=created, seconds=0.0,
            peak_memory_bytes=None, host="here"))  # fmt: skip
    return "/".join(address)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A few days of an ad log, a model that went live on an early one, and a night watched."""
    place = watching(tmp_path_factory.mktemp("monitoring") / "home", since=6)
    place.first = monitor(place, TONIGHT)
    return place


def watching(folder, since, **changed):
    """The ad log of the days of January from ``since``, the last of them perhaps changed."""
    place = Deployment(folder, source="digix", folder="files")
    for number in range(since, 10):
        write(place, number, ROWS)
    if changed:
        write(place, 9, ROWS // 3, **changed)
    store = FolderStore(place.root)
    keep(store, "PublishModel", {"live": keep(store, "DecideModel", bundle())})
    return place


def write(place, number, rows, **changed):
    """A day of the challenge's CSV, some columns of it changed."""
    folder = place.folder / "files"
    folder.mkdir(exist_ok=True)
    content = ad_log(number).head(rows).assign(**changed).to_csv(index=False).encode()
    (folder / f"pt_d={number}.csv.gz").write_bytes(gzip.compress(content))


def monitor(place, day):
    return place.python("-m", "workflows.cli", "run", "monitoring", "--day", str(day))


def found(place, task, day=TONIGHT):
    return place.json(task, f"{FAMILY}.{day}")


def test_a_usual_night_is_quiet_and_leaves_a_page(watched):
    assert watched.first.returncode == 0, watched.first.stdout + watched.first.stderr
    assert "  alarm " not in watched.first.stdout
    page = watched.text("WriteMonitoring", str(TONIGHT), "payload.html")
    assert "Nothing is unusual." in page and "1 day old; its shelf life is 14 days" in page
    drift = found(watched, "MeasureDrift")
    assert drift["reference_days"] == ["2020-01-06", "2020-01-07"]
    assert "it takes 7 days, and there are 2" in drift["notes"][0]


def test_the_model_is_judged_on_the_labels_that_matured_since(watched):
    judged = found(watched, "JudgeDay")
    assert (judged["rows"], judged["live_day"]) == (ROWS, str(FIRST))
    told, real = judged["estimated"]["normalized_entropy"], judged["figures"]["normalized_entropy"]
    assert told["low"] <= real["value"] <= told["high"]
    followed = found(watched, "MeasureCalibration")
    assert [one["day"] for one in followed["days"]] == [str(TONIGHT)]


@pytest.mark.long
def test_a_night_on_which_everything_changed_is_told_in_sentences(tmp_path):
    """After a week, every impression is on one device, and a third of the rows is there."""
    watched = watching(tmp_path / "home", since=1, device_name=2)
    assert "  alarm " not in monitor(watched, TONIGHT).stdout
    usual = found(watched, "MeasureDrift")["features"]
    assert {one["verdict"] for one in usual} == {"stable"}
    assert {"device", "slot"} <= {one["feature"] for one in usual}
    second = monitor(watched, LATER)
    assert second.returncode == 0, "an alarm is a result, not a failure"
    told = [line for line in second.stdout.splitlines() if line.startswith("  alarm ")]
    assert any("device" in line and "spread otherwise than usual" in line for line in told)
    assert any("impressions of" in line and "has 133 rows" in line for line in told)
    page = watched.text("WriteMonitoring", str(LATER), "payload.html")
    drift = found(watched, "MeasureDrift", LATER)
    assert all(one["sentence"].split(" (")[0] in page for one in drift["alarms"])
    reads_what_the_first_night_wrote_down_and_counts_its_own_day_alone(watched)
    assert_quotes("drift", second.stdout)


@pytest.mark.long
def test_answers_that_changed_and_a_day_that_did_not_come_are_told_as_the_runbook_says(tmp_path):
    """On the last day every other impression is answered, and the day after it has no file."""
    dice = np.random.default_rng(9)
    watched = watching(tmp_path / "home", since=1, label=dice.integers(0, 2, ROWS // 3))
    assert "  alarm " not in monitor(watched, TONIGHT).stdout
    changed = monitor(watched, LATER)
    assert changed.returncode == 0
    assert_quotes("calibration", changed.stdout)
    assert_quotes("performance", changed.stdout)
    late = monitor(watched, LATER + dt.timedelta(1))
    assert_quotes("freshness", late.stdout)


def reads_what_the_first_night_wrote_down_and_counts_its_own_day_alone(watched):
    second = watched.manifest("EstimatePerformance", f"{FAMILY}.{LATER}")
    assert {"recorded", "matured"} <= set(second["inputs"])
    followed = found(watched, "MeasureCalibration", LATER)
    assert [one["day"] for one in followed["days"]] == [str(TONIGHT), str(LATER)]
    last = max((watched.root / "_runs").glob("*.jsonl"))
    lines = [json.loads(line) for line in last.read_text().splitlines()]
    examples = [one["label"] for one in lines if one.get("task") == "CountExamples"]
    assert examples == [f"{FAMILY}.{TONIGHT}"]


def test_records_are_of_the_days_before_and_the_newest_of_each(place):
    store = workshop().store
    for number, seconds in ((6, 1), (7, 1), (7, 2), (8, 1)):
        day = dt.date(2020, 1, number)
        keep(store, "CountScores", {"day": str(day), "made": seconds}, day,
             f"{day}T0{seconds}:00:00+00:00")  # fmt: skip
    found = Records(of="CountScores", family=FAMILY, first=dt.date(2020, 1, 1), day=TONIGHT)
    read = [json.loads(Path(one).read_text()) for one in found.path()]
    assert read == [{"day": "2020-01-06", "made": 1}, {"day": "2020-01-07", "made": 2}]


def test_before_anything_is_live_nothing_is_watched_but_the_tables(place):
    tasks = {one.task_family for one in graph(Nightly(day=dt.date(2026, 1, 6)))}
    assert {"WriteMonitoring", "CheckTables"} <= tasks
    assert tasks.isdisjoint(set(MONITORING) - {"CheckTables"})


def test_nothing_that_is_learnt_or_scored_depends_on_monitoring(place):
    day = dt.date(2026, 1, 20)
    for family in FAMILIES:
        parts = [DecideModel(family=family, day=day),
                 ScoreListeners(family=family, day=day, shard=0)]  # fmt: skip
        modules = {type(one).__module__ for one in graph(*parts)}
        assert "tasks.evaluation" in modules
        assert not [name for name in modules if "monitoring" in name]
