"""``setlist backfill`` as an operator uses it: estimated, killed, resumed, out of the way."""

import contextlib
import datetime as dt
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from deployments import ENVIRONMENT, Deployment

FIRST = dt.date(2026, 1, 4)
DAYS = ("PoolDay", "--family", "ad_targeting")
TRAIN = ("TrainModel", "--family", "ad_targeting")
CHEAP = ("IngestDay", "--table", "impressions")


def command(task, first, last, *options):
    return ["-m", "workflows.cli", "backfill", *task, "--from", str(first), "--to", str(last),
            *options]  # fmt: skip


def told(done):
    """What a backfill said to a machine."""
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["exit_code"] == done.returncode
    return found


@contextlib.contextmanager
def begun(place, *arguments):
    """A backfill in a process of its own, which is killed in the end if it still runs."""
    with (place.folder / "printed").open("wb") as printed, subprocess.Popen(
        [sys.executable, *arguments], cwd=place.folder, env={**os.environ, **ENVIRONMENT},
        stdout=printed, stderr=printed,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def wait_until(true, process, seconds=900):
    """Return when something is so; fail when the process ends, or after so many seconds."""
    for _ in range(seconds * 20):
        if true():
            return
        assert process.poll() is None, "the backfill ended too early"
        time.sleep(0.05)
    raise TimeoutError


def built(place):
    """How often each artifact was built, over all runs."""
    records = [json.loads(line) for path in (place.root / "_runs").glob("*.jsonl")
               for line in path.read_text().splitlines() if line]  # fmt: skip
    return Counter(f"{one['task']} {one['label']}" for one in records if one["outcome"] == "built")


def nights(place, task):
    return len(list(place.root.glob(f"{task}/*/*/manifest.json")))


def killed_and_resumed(place, task, days, after):
    """Backfill so many days, killed after some nights, then to the end; the figures."""
    last = FIRST + dt.timedelta(days - 1)
    arguments = command(task, FIRST, last, "--yes", "--workers", "2", "--json")
    planned = told(place.python(*arguments, "--dry-run"))
    started = time.monotonic()
    with begun(place, *arguments) as process:
        wait_until(lambda: nights(place, task[0]) >= after, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    half = time.monotonic() - started
    kept = built(place)
    with begun(place, *arguments) as process:
        assert process.wait(timeout=7200) == 0, (place.folder / "printed").read_text()
    resumed = json.loads((place.folder / "printed").read_text())
    return planned, half, kept, resumed


def assert_resumed(place, days, after, planned, kept, resumed):
    assert resumed["exit_code"] == 0 and len(resumed["nights"]) == days
    assert after <= resumed["there"] < days
    assert all(one["complete"] for one in resumed["nights"])
    assert len(planned["nights"]) == days and planned["estimate"]["wall_seconds"] > 0
    # A task that the kill interrupted was not built; what was built is built once.
    assert set(built(place).values()) == {1} and not kept - built(place)


def test_a_killed_backfill_goes_on_where_it_was_and_builds_nothing_twice(tmp_path):
    place = Deployment(tmp_path / "home", listeners=30)
    planned, _, kept, resumed = killed_and_resumed(place, CHEAP, 3, after=1)
    assert_resumed(place, 3, 1, planned, kept, resumed)
    assert "kinds never built here" in planned["estimate"]["how"]


@pytest.mark.long
@pytest.mark.parametrize("task", [DAYS, TRAIN], ids=["days alone", "a model a night"])
def test_sixty_days_are_resumed_after_a_kill_and_took_about_what_was_estimated(
    tmp_path, record_property, task
):
    place = Deployment(tmp_path / "home", listeners=60)
    module = "tasks.training" if task == TRAIN else "tasks.summaries"
    place.build(module, task[0], family=task[2], day=FIRST)
    planned, half, kept, resumed = killed_and_resumed(place, task, 60, after=20)
    assert_resumed(place, 60, 20, planned, kept, resumed)
    estimate, took = planned["estimate"]["wall_seconds"], half + resumed["took_seconds"]
    record_property("figures", f"backfill of 60 days: estimated {estimate:.0f} s, took {took:.0f} "
                    f"s, killed after {half:.0f} s with {resumed['there']} nights there")
    assert 1 / 1.5 <= took / estimate <= 1.5


def test_an_estimate_is_what_a_run_of_equal_work_takes(tmp_path):
    """Planted manifests: the day before took 40 s, so a day like it is foreseen to take as much."""
    place = Deployment(tmp_path / "home", listeners=30)
    place.build("tasks.ingest", CHEAP[0], table=CHEAP[2], day=FIRST)
    for path in place.root.glob("*/*/*/manifest.json"):
        manifest = json.loads(path.read_text())
        manifest["seconds"] = 40.0 if manifest["task"] == "MakeWorldDay" else 0.0
        path.write_text(json.dumps(manifest))
    day = FIRST + dt.timedelta(1)
    planned = told(place.python(*command(CHEAP, day, day, "--json", "--dry-run")))
    assert planned["estimate"]["seconds"] == 40.0
    assert 40 <= planned["estimate"]["wall_seconds"] < 60
    assert "from the same task on the nearest days" in planned["estimate"]["how"]


def test_without_a_terminal_nothing_begins_unless_it_was_agreed_to(tmp_path):
    place = Deployment(tmp_path / "home", listeners=30)
    done = place.python(*command(CHEAP, FIRST, FIRST))
    assert done.returncode == 2 and "say --yes" in done.stderr
    assert "1 night, 2026-01-04" in done.stdout and not nights(place, CHEAP[0])


@pytest.mark.parametrize("first, last, why", [
    ("2026-01-05", "2026-01-04", "is after --to"),
    ("2025-12-31", "2026-01-04", "the world begins on 2026-01-01"),
    ("yesterday", "2026-01-04", "write it as 2026-02-04"),
])  # fmt: skip
def test_a_range_that_cannot_be_is_refused_and_says_why(place, capsys, first, last, why):
    from workflows.cli import main

    assert main(command(CHEAP, first, last)[2:]) == 2
    assert why in capsys.readouterr().err


def test_a_backfill_stops_for_a_nightly_run_and_then_goes_on(tmp_path):
    """The cron line's lock is taken in the middle of the backfill."""
    place = Deployment(tmp_path / "home", listeners=30)
    last = FIRST + dt.timedelta(3)
    place.folder.joinpath("var").mkdir(exist_ok=True)
    with begun(place, *command(CHEAP, FIRST, last, "--yes")) as process:
        wait_until(lambda: nights(place, CHEAP[0]) >= 1, process)
        with (place.folder / "var" / "nightly.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            printed = place.folder / "printed"
            wait_until(lambda: "waiting until it has ended" in printed.read_text(), process)
            there = built(place)
            time.sleep(3)
            assert built(place) == there, "it went on although a nightly run was at work"
        assert process.wait(timeout=300) == 0
    assert nights(place, CHEAP[0]) == 4
    assert set(built(place).values()) == {1}


def test_it_ends_at_the_first_night_that_failed_with_that_nights_exit_code(tmp_path):
    place = Deployment(tmp_path / "home", listeners=30, source="parquet", folder="files")
    from advertising_days import tables

    for number in range(3):
        day = FIRST + dt.timedelta(number)
        for name in ("impressions", "outcomes"):
            if (number, name) == (1, "outcomes"):
                continue
            partition = place.folder / "files" / name / f"day={day}"
            partition.mkdir(parents=True)
            tables(day)[name].head(50).to_parquet(partition / "part-0.parquet")
    task = ("IngestDay", "--table", "outcomes")
    last = FIRST + dt.timedelta(2)
    found = told(place.python(*command(task, FIRST, last, "--yes", "--json")))
    assert found["exit_code"] == 20
    assert [one["complete"] for one in found["nights"]] == [True, False, False]
    assert "outcomes/day=2026-01-05" in found["nights"][1]["source_missing"][0]
