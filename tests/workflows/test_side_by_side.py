"""Deployments on one machine do not know of each other."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from deployments import Deployment


def test_the_same_command_runs_in_two_deployments_at_once(tmp_path):
    places = [Deployment(tmp_path / name, listeners=50) for name in ("one", "other")]
    with ThreadPoolExecutor() as both:
        runs = [both.submit(place.run, "tasks.ingest", "MakeWorldDay", day=dt.date(2026, 1, 5))
                for place in places]  # fmt: skip
    for run in runs:
        assert run.result().returncode == 0, run.result().stderr
