"""Recipes on a real Spark session with two workers: the same artifacts, failures told in words."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import luigi
import numpy as np
import pandas as pd
import pytest
from liveness import is_running
from luigi import configuration

from ml.calibration import uncalibrated
from ml.family import ModelRecipe
from ml.metrics import auc, normalized_entropy
from ml.training import fit
from tasks.engine import ArtifactTask, EffectTask, SourceTask, build, spark, why
from tasks.engine.spark_settings import SparkMissing

pytestmark = pytest.mark.spark
QUIET = {"log_level": "CRITICAL"}


class Seed(SourceTask):
    def path(self):
        return "seed.txt"


class Sown(ArtifactTask):
    """Sows a seed in one of the ways below."""

    how = luigi.Parameter(default="sow")

    def requires(self):
        return {"seed": Seed()}

    def recipe(self):
        return WAYS[self.how]

    def summary(self, value):
        return f"sown: {value}"


class Reaped(ArtifactTask):
    """Needs what was sown, as files."""

    def requires(self):
        return {"sown": Sown()}

    def recipe(self):
        return reap


class Told(EffectTask):
    def requires(self):
        return {"sown": Sown()}

    def recipe(self):
        return tell


class Pair(ArtifactTask):
    """Two processes at once, which greet each other."""

    how = luigi.Parameter(default="greet")
    ranks = 2

    def recipe(self):
        return PAIRS[self.how]


def sow(seed):
    return seed.read_text() * 2


def reap(sown: Path):
    return {"grain.txt": sown.read_text(), "note.json": {"grains": 2}}


def tell(sown):
    return {"process": os.getpid(), "sown": sown}


def be_killed(seed):
    os.kill(os.getpid(), signal.SIGKILL)


def raise_something(seed):
    raise ValueError("the soil is frozen")


def sleep(seed):
    time.sleep(300)


def read_on_the_side(seed):
    return Path("other.txt").read_text()


def name_the_process(seed):
    return {"process": os.getpid()}


def greet(peers):
    return {"heard": peers.gather(f"rank {peers.rank} of {peers.count}")}


def lose_a_rank(peers):
    if peers.rank == 1 and not Path("once.txt").exists():
        Path("once.txt").write_text("killed")
        os.kill(os.getpid(), signal.SIGKILL)
    return {"heard": peers.gather(str(peers.rank))}


def fall_out(peers):
    if peers.rank == 1:
        raise ValueError("the second row is missing")
    return {"heard": peers.gather(str(peers.rank))}


def examples(day, rows=20_000):
    """Evening listeners respond more."""
    random = np.random.default_rng(day)
    evening, noise = random.random((2, rows))
    moments = pd.Timestamp(2026, 1, day) + pd.to_timedelta(np.arange(rows), unit="s")
    return pd.DataFrame({
        "listener": pd.Series([f"l{number:05d}" for number in range(rows)], dtype="str"),
        "moment": moments.astype("datetime64[ms]"), "evening": evening, "noise": noise,
        "label": (random.random(rows) < evening / 4).astype("int64"),
    })  # fmt: skip


def trained(peers=None, ranks=1, rounds=60, patience=10):
    """A model of one process, or of ranks; log loss on another day ends the training."""
    recipe = ModelRecipe("binary", ("evening", "noise"), rounds=rounds, patience=patience)
    return fit([examples(1)], [examples(2)], recipe=recipe, threads=1, ranks=ranks, peers=peers)


def train(peers):
    return trained(peers, ranks=2)


def lose_a_rank_in_the_middle_of_training(peers):
    """The first time, rank 1 is killed while both are inside LightGBM."""
    is_first = not Path("begun.txt").exists()
    peers.gather("both have looked")
    if is_first and peers.rank == 1:
        Path("begun.txt").write_text("begun")
        threading.Timer(4, os.kill, (os.getpid(), signal.SIGKILL)).start()
    rounds = 1_000_000 if is_first else 30
    return trained(peers, ranks=2, rounds=rounds, patience=rounds)


def keep_a_file(seed):
    Path("pid.txt").write_text(f"{os.getpid()} {os.getppid()}")
    time.sleep(300)


WAYS = {one.__name__: one for one in (
    sow, be_killed, raise_something, sleep, read_on_the_side, name_the_process,
    keep_a_file)}  # fmt: skip
PAIRS = {one.__name__: one for one in (
    greet, train, lose_a_rank, fall_out, lose_a_rank_in_the_middle_of_training)}  # fmt: skip


@pytest.fixture
def seed(place):
    (place / "seed.txt").write_text("s")
    (place / "other.txt").write_text("o")
    return place / "seed.txt"


@pytest.fixture
def on_spark(seed, monkeypatch):
    setting("engine", "runs_on", "spark")
    yield seed
    configuration.get_config().remove_section("spark")


def until(happened, seconds):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def setting(section, name, value):
    configuration.get_config().set(section, name, value)


def run(task, **options):
    summary = build([task], **QUIET, **options)
    return task, summary, "".join(one.message for one in summary.failed)


def test_an_artifact_made_on_spark_is_the_one_luigis_workers_make(seed):
    here, _, _ = run(Reaped())
    before = {path.name: path.read_bytes() for path in here.output().folder().iterdir()
              if path.name != "manifest.json"}  # fmt: skip
    digest = why(here)[0].digest
    setting("engine", "runs_on", "spark")
    assert run(Reaped())[1].built == []
    setting("engine", "root", "another")
    there, summary, _ = run(Reaped(), workers=2)
    assert [one.task for one in summary.built] == ["Sown", "Reaped"]
    assert why(there)[0].digest == digest and why(there)[0].key == why(here)[0].key
    assert {path.name: path.read_bytes() for path in there.output().folder().iterdir()
            if path.name != "manifest.json"} == before  # fmt: skip


def test_a_recipe_has_a_process_of_its_own_whose_peak_memory_is_known(on_spark):
    task, summary, _ = run(Sown(how="name_the_process"))
    assert task.output().load()["process"] != os.getpid()
    manifest, _ = why(task)
    assert manifest.peak_memory_bytes > 50e6
    assert summary.built[0].message.startswith("sown: {")


def test_java_that_is_not_where_it_should_be_is_named(on_spark, monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SparkMissing, match=f"no Java: {tmp_path} .JAVA_HOME. has none"):
        build([Sown()], **QUIET)


def test_an_effect_is_done_on_this_machine(on_spark):
    task, _, _ = run(Told())
    assert task.output().load() == {"process": os.getpid(), "sown": "ss"}


def test_what_a_recipe_raises_is_told_with_its_lines(on_spark):
    _, summary, message = run(Sown(how="raise_something"))
    assert not summary.succeeded
    assert "the Spark job of Sown failed" in message and "in raise_something" in message
    assert "ValueError: the soil is frozen" in message and "org.apache" not in message


def test_a_read_on_the_side_is_refused_there_too(on_spark):
    assert "UndeclaredRead" in run(Sown(how="read_on_the_side"))[2]


def test_an_executors_process_that_is_killed_fails_its_task_and_is_told(on_spark):
    _, _, message = run(Sown(how="be_killed"))
    assert "the Spark job of Sown failed" in message
    assert "a Python process of an executor was lost" in message


def test_a_task_that_is_late_is_ended_there_and_says_so(on_spark):
    setting("engine", "isolated_timeout_seconds", "12")
    began = time.monotonic()
    _, _, message = run(Sown(how="sleep"))
    assert "ran longer than its limit of 12 s" in message
    assert time.monotonic() - began < 60
    setting("engine", "isolated_timeout_seconds", "600")
    assert run(Sown())[1].succeeded


@pytest.mark.parametrize("engine", ["luigi", "spark"])
def test_ranks_find_each_other(seed, engine):
    setting("engine", "runs_on", engine)
    task, _, message = run(Pair())
    assert message == ""
    assert task.output().load() == {"heard": ["rank 0 of 2", "rank 1 of 2"]}


def test_a_barrier_stage_trains_the_same_bytes_again_and_as_well_as_one_process(on_spark):
    models = []
    for root in ("first", "again"):
        setting("engine", "root", root)
        task, _, message = run(Pair(how="train"))
        assert message == ""
        models.append(task.output().load())
    assert models[0] == models[1]
    judged, random = examples(3), np.random.default_rng(1)
    labels = judged["label"].to_numpy()
    one, two = (uncalibrated(model, judged) for model in (trained(), models[0]))
    for measure in (auc, normalized_entropy):
        draws = [random.integers(0, len(labels), len(labels)) for _ in range(50)]
        standard_error = np.std([measure(labels[rows], one[rows]) for rows in draws])
        assert abs(measure(labels, one) - measure(labels, two)) < standard_error


@pytest.mark.parametrize("how", ["lose_a_rank", "lose_a_rank_in_the_middle_of_training"])
@pytest.mark.parametrize("engine", ["luigi", "spark"])
def test_a_lost_rank_fails_the_task_within_a_minute_and_the_next_run_succeeds(seed, engine, how):
    setting("engine", "runs_on", engine)
    began = time.monotonic()
    _, summary, message = run(Pair(how=how))
    assert time.monotonic() - began < 60 and not summary.succeeded
    lost = {"luigi": "the process of rank 1 of 2 of Pair was killed",
            "spark": "a Python process of an executor was lost"}[engine]
    assert lost in message
    assert run(Pair(how=how))[1].succeeded


@pytest.mark.parametrize("engine", ["luigi", "spark"])
def test_a_rank_that_raises_ends_the_others_and_is_told(seed, engine):
    setting("engine", "runs_on", engine)
    message = run(Pair(how="fall_out"))[2]
    assert "ValueError: the second row is missing" in message


def test_session_and_recipes_end_with_the_run(seed):
    Path("luigi.cfg").write_text("[engine]\nroot = store\nruns_on = spark\n")
    code = ("from test_spark import *; "
            "luigi.build([Sown(how='keep_a_file')], local_scheduler=True)")  # fmt: skip
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.DEVNULL) as run_:
        until(lambda: Path("pid.txt").exists() and Path("pid.txt").read_text(), seconds=90)
        others = [int(one) for one in Path("pid.txt").read_text().split()]
        run_.kill()
    until(lambda: not any(map(is_running, others)), seconds=60)


def test_a_driver_that_was_lost_is_replaced(on_spark):
    run(Sown())
    [driver] = spark._drivers.values()
    driver._process.kill()
    driver._process.wait()
    assert run(Sown(how="name_the_process"))[1].succeeded
