"""Spark whose machines share no disk: sources and artifacts are in a bucket, copies on each."""

import json
from pathlib import Path

import pytest
from luigi import configuration

from tasks.engine import ArtifactTask, SourceTask, bucket_folder, build, why
from tasks.engine.bucket import Bucket

pytestmark = pytest.mark.spark
QUIET = {"log_level": "CRITICAL"}


class Logs(SourceTask):
    """A file in the bucket that the settings name."""

    def path(self):
        url = configuration.get_config().get("my", "folder")
        return bucket_folder(url, "[my] folder") / "plays.csv"


class Plays(ArtifactTask):
    def requires(self):
        return {"log": Logs()}

    def recipe(self):
        return read


class Chart(ArtifactTask):
    def requires(self):
        return {"plays": Plays()}

    def recipe(self):
        return draw


def read(log: Path):
    return {"plays.json": log.read_text().split(), "copied.txt": "x" * 3_000_000}


def draw(plays: Path):
    return {"page.html": f"<!doctype html>{(plays / 'plays.json').read_text()}"}


@pytest.fixture
def apart(place, gcs, monkeypatch):
    """Settings under which the driver and the executors keep their copies in different places."""
    monkeypatch.setenv("COPIES", str(place / "driver"))
    url = f"gs://{gcs.new_bucket()}"
    Bucket(f"{url}/logs").create("plays.csv", b"one two\n")
    config = configuration.get_config()
    config.add_section("spark")
    config.add_section("my")
    config.set("spark", "spark.executorEnv.COPIES", str(place / "executor"))
    config.set("my", "folder", f"{url}/logs")
    config.set("engine", "root", f"{url}/store")
    config.set("engine", "cache", "${COPIES}")
    yield place
    for option in ("cache", "runs_on"):
        config.remove_option("engine", option)
    config.remove_section("spark")
    config.remove_section("my")


def test_executors_send_what_they_make_to_the_bucket_and_the_driver_commits_it(apart):
    configuration.get_config().set("engine", "runs_on", "spark")
    summary = build([Chart()], **QUIET)
    assert [one.task for one in summary.built] == ["Plays", "Chart"], summary.failed
    assert not list(apart.glob("driver/**/copied.txt"))
    assert list(apart.glob("executor/**/copied.txt"))
    shown = Chart().output().load()["page.html"]
    assert json.loads(shown.removeprefix("<!doctype html>")) == ["one", "two"]
    there = why(Chart())[0]
    configuration.get_config().set("engine", "runs_on", "luigi")
    assert build([Chart()], **QUIET).built == []
    configuration.get_config().set("engine", "root", f"{apart}/store")
    assert len(build([Chart()], **QUIET).built) == 2
    here = why(Chart())[0]
    assert (there.key, there.digest, there.payload) == (here.key, here.digest, here.payload)
