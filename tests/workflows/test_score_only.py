"""A day of an ad log that arrives alone, without labels: scored, never learnt from."""

import datetime as dt
import gzip

import numpy as np
import pandas as pd
import pytest
from deployments import Deployment

from ml.calibration import predict
from ml.families import FAMILIES
from ml.sources.digix import NOT_READ, READ

FAMILY = "ad_targeting"
NIGHT, ALONE = "2020-01-04", "2020-01-05"
ROWS = 1200


def ad_log(number):
    """A day of the challenge's CSV: one device answers far more often than the other."""
    dice = np.random.default_rng(number)
    frame = pd.DataFrame(1, index=range(ROWS), columns=["label", *READ, *NOT_READ])
    device, task = dice.integers(1, 3, ROWS), dice.integers(1, 5, ROWS)
    rate = np.where(device == 1, 0.3, 0.04) * (0.5 + 0.2 * task)
    return frame.assign(
        label=(dice.random(ROWS) < rate).astype(int), uid=dice.integers(0, 400, ROWS),
        device_name=device, task_id=task, adv_id=10 * task + dice.integers(0, 2, ROWS),
        slot_id=dice.integers(1, 4, ROWS), communication_onlinerate="8^20", pt_d=number,
    )  # fmt: skip


def write(place, number, labelled=True):
    folder = place.folder / "files"
    folder.mkdir(exist_ok=True)
    frame = ad_log(number) if labelled else ad_log(number).drop(columns="label")
    content = gzip.compress(frame.to_csv(index=False).encode())
    (folder / f"pt_d={number}.csv.gz").write_bytes(content)


def score(place, day=ALONE):
    return place.python("-m", "workflows.cli", "run", "score", "--family", FAMILY, "--day", day)


def scores(place, day=ALONE):
    """Of both shards, in the order of impressions."""
    shards = [place.frame("ScoreImpressions", f"{FAMILY}.{day}.{shard}") for shard in range(2)]
    return pd.concat(shards).sort_values("impression", ignore_index=True)


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """Two shards, four days with labels, and a model that went live on the last of them."""
    place = Deployment(tmp_path_factory.mktemp("score") / "home", source="digix", folder="files",
                       shards=2)  # fmt: skip
    for number in range(1, 5):
        write(place, number)
    place.build("tasks.publishing", "PublishModel", workers=1, family=FAMILY, day=NIGHT)
    decision = place.json("DecideModel", f"{FAMILY}.{NIGHT}", "decision.json")
    assert decision["verdict"] == "blessed", decision["reasons"]
    return place


@pytest.fixture(scope="module")
def scored(taught, tmp_path_factory):
    """The day after came without labels, and was scored."""
    place = taught.copied_to(tmp_path_factory.mktemp("score") / "copy")
    write(place, 5, labelled=False)
    place.ended = score(place)
    return place


def test_every_impression_has_a_probability_an_interval_and_a_model(scored):
    assert scored.ended.returncode == 0, scored.ended.stdout + scored.ended.stderr
    assert "impressions by the model of 2020-01-04" in scored.ended.stdout
    found = scores(scored)
    assert len(found) == ROWS and found["impression"].is_unique
    assert ((found["low"] <= found["probability"]) & (found["probability"] <= found["high"])).all()
    assert set(found["model_version"]) == {NIGHT}
    assert list(found)[:4] == ["listener", "impression", "ad", "campaign"]


def test_the_probabilities_are_the_live_models_and_know_who_answers(scored):
    shown = scored.frame("DescribeImpressions", f"{FAMILY}.{ALONE}.0")
    model = {"model.txt": scored.text("TrainModel", f"{FAMILY}.{NIGHT}", "model.txt"),
             "card.json": scored.json("TrainModel", f"{FAMILY}.{NIGHT}", "card.json")}  # fmt: skip
    fitted = scored.json("CalibrateModel", f"{FAMILY}.{NIGHT}", "calibration.json")
    expected = predict(model, {"calibration.json": fitted}, shown, FAMILIES[FAMILY].model)
    found = scored.frame("ScoreImpressions", f"{FAMILY}.{ALONE}.0")
    assert np.abs(found["probability"] - expected).max() == 0
    by_device = found["probability"].groupby(shown["device"]).mean()
    assert by_device["1"] > 3 * by_device["2"]
    assert "label" not in shown


def test_a_day_that_lies_alone_in_its_folder_is_scored_without_its_past(scored, tmp_path):
    place = scored.copied_to(tmp_path / "copy")
    for number in range(1, 5):
        (place.folder / "files" / f"pt_d={number}.csv.gz").unlink()
    assert score(place).returncode == 0
    assert len(scores(place)) == ROWS and set(scores(place)["model_version"]) == {NIGHT}
    assert not scores(place)["probability"].equals(scores(scored)["probability"])


def test_a_night_on_a_day_without_labels_is_refused_and_keeps_the_champion(scored, tmp_path):
    place = scored.copied_to(tmp_path / "copy")
    done = place.run("tasks.publishing", "PublishModel", family=FAMILY, day=ALONE)
    assert done.returncode == 0, done.stderr
    receipt = place.json("PublishModel", f"{FAMILY}.{ALONE}")
    assert (receipt["verdict"], receipt["live_day"]) == ("refused", NIGHT)
    assert f"On {ALONE} 1,200 impressions have no label at all" in receipt["reasons"][0]


def test_before_any_model_is_live_the_reason_is_said(scored):
    done = score(scored, day=str(dt.date(2020, 1, 3)))
    assert done.returncode == 20
    assert "no model of ad_targeting was live before 2020-01-03" in done.stdout
