"""The settings ask for Spark and it is not there, or for an engine nobody knows."""

import functools
import importlib.util
import subprocess
import sys

import luigi
import pytest
from luigi import configuration

from tasks.engine import ArtifactTask, build, plan
from tasks.engine.configured import Misconfigured
from tasks.engine.spark_settings import SparkMissing, SparkSettings, options

absent = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is not None, reason="this environment has PySpark"
)


class Lentil(ArtifactTask):
    size = luigi.IntParameter(default=1)

    def recipe(self):
        return functools.partial(grow, size=self.size)


def grow(size):
    return {"size": size}


@pytest.fixture
def engine(place):
    return lambda name: configuration.get_config().set("engine", "runs_on", name)


@absent
def test_without_the_extra_a_run_says_what_to_install_and_builds_nothing(engine, place):
    engine("spark")
    with pytest.raises(SparkMissing, match=r"pip install 'setlist\[spark\]'.*Java 17") as said:
        build([Lentil()])
    assert "no Python package pyspark" in str(said.value)
    assert not list(place.glob("store/Lentil/*"))
    assert [step.verdict for step in plan(Lentil()).steps] == ["build"]
    engine("luigi")
    assert build([Lentil()], log_level="CRITICAL").succeeded


@absent
def test_luigis_own_command_builds_nothing_either(place):
    (place / "luigi.cfg").write_text("[engine]\nroot = store\nruns_on = spark\n"
                                     "[retcode]\nscheduling_error = 35\n")
    (place / "lentils.py").write_text(
        "from tasks.engine import ArtifactTask\n\n\ndef grow():\n    return 1\n\n\n"
        "class Lentils(ArtifactTask):\n    def recipe(self):\n        return grow\n")
    command = [sys.executable, "-m", "luigi", "--module", "lentils", "Lentils",
               "--local-scheduler"]  # fmt: skip
    done = subprocess.run(command, cwd=place, capture_output=True, text=True)
    assert done.returncode == 35
    assert "pip install 'setlist[spark]'" in done.stderr
    assert not list(place.glob("store/Lentils/*"))


def test_an_engine_nobody_knows_is_refused(engine):
    engine("sparc")
    with pytest.raises(Misconfigured, match="runs_on is 'sparc'; it must be luigi or spark"):
        build([Lentil()])


def test_what_the_section_says_goes_before_what_we_would_choose(place):
    config = configuration.get_config()
    config.add_section("spark")
    try:
        config.set("spark", "master", "k8s://https://cluster:6443")
        config.set("spark", "spark.executor.instances", "40")
        config.set("spark", "spark.sql.session.timeZone", "Asia/Tokyo")
        chosen = options(SparkSettings.read())
    finally:
        config.remove_section("spark")
    assert chosen["spark.master"] == "k8s://https://cluster:6443"
    assert chosen["spark.executor.instances"] == "40"
    assert chosen["spark.sql.session.timeZone"] == "Asia/Tokyo"
    assert "spark.driver.host" not in chosen
    assert options(SparkSettings())["spark.driver.host"] == "127.0.0.1"
