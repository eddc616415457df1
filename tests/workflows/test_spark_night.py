"""A night on a real Spark session with two workers: every artifact is what Luigi's workers make."""

import json

import pytest
from conftest import WORLD
from deployments import Deployment

pytestmark = pytest.mark.spark

#: Effects, whose receipts say when they were done, and what is made from them.
DONE_ONCE = ("PublishModel",)
FAMILIES = ("ad_targeting", "user_segmentation")


def digests(place):
    """Key and digest of every artifact."""
    found = place.root.glob("[!_]*/*/*/manifest.json")
    manifests = [json.loads(path.read_text()) for path in found]
    return {(one["task"], one["label"]): (one["key"], one["digest"]) for one in manifests
            if one["task"] not in DONE_ONCE}  # fmt: skip


@pytest.fixture(scope="module")
def on_spark(night, tmp_path_factory):
    """The night of both families, built on Spark in a store of its own."""
    place = Deployment(tmp_path_factory.mktemp("spark") / "home", runs_on="spark", **WORLD)
    place.built = place.build("workflows.nightly", "Nightly", day=night.day)
    return place


def test_a_night_of_both_families_has_the_same_digests_on_spark(night, on_spark):
    assert len(on_spark.built) == len(night.built) > 100
    assert digests(on_spark) == digests(night)


def test_moving_a_night_to_spark_builds_nothing(night, tmp_path):
    moved = night.copied_to(tmp_path / "moved")
    text = (moved.folder / "luigi.cfg").read_text()
    (moved.folder / "luigi.cfg").write_text(text.replace("runs_on = luigi", "runs_on = spark"))
    assert moved.build("workflows.nightly", "Nightly", day=night.day) == []


@pytest.fixture(scope="module")
def in_ranks(night, tmp_path_factory):
    """The night's models from two ranks, on each engine."""
    return {engine: trained_in_ranks(night, tmp_path_factory.mktemp("ranks") / engine, engine)
            for engine in ("luigi", "spark")}  # fmt: skip


def trained_in_ranks(night, folder, engine):
    place = night.copied_to(folder)
    text = (place.folder / "luigi.cfg").read_text()
    text = text.replace("runs_on = luigi", f"runs_on = {engine}").replace("ranks = 1", "ranks = 2")
    (place.folder / "luigi.cfg").write_text(text)
    models = [("tasks.training", "TrainModel", {"family": family, "day": night.day})
              for family in FAMILIES]  # fmt: skip
    built = place.build_all(*models)
    assert sorted(built) == [f"TrainModel {family}.{night.day}" for family in FAMILIES]
    return place


@pytest.mark.parametrize("family", FAMILIES)
def test_a_barrier_stage_trains_the_bytes_that_local_ranks_train(night, in_ranks, family):
    found = [place.manifest("TrainModel", f"{family}.{night.day}") for place in in_ranks.values()]
    assert found[0]["key"] == found[1]["key"] and found[0]["payload"] == found[1]["payload"]
    alone = night.manifest("TrainModel", f"{family}.{night.day}")
    assert "ranks" not in alone["values"] and found[0]["values"]["ranks"] == "int 2"
    assert alone["payload"]["model.txt"] != found[0]["payload"]["model.txt"]
