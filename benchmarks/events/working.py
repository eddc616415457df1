"""The days of a stage, one after the other in as many processes as a way has."""

import importlib
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.events.layout import Job

WAYS = {"duckdb": 1, "ours": 2, "polars": 1, "pandas": 1}
"""How many processes each works in; the packages polars and duckdb may be missing."""
STAGES = ("ingest", "summarise", "join")


def call(way: str, stage: str, job: Job, number: int) -> float:
    """Do a stage of a day and return its CPU seconds."""
    began = time.process_time()
    getattr(importlib.import_module(f"benchmarks.events.{way}_way"), stage)(job, number)
    return time.process_time() - began


def work(way: str, job: Job) -> dict[str, float]:
    """Do everything one way; the CPU seconds of each stage, without starting and importing."""
    spent = {}
    with ProcessPoolExecutor(WAYS[way], mp_context=get_context("spawn")) as workers:
        for stage in STAGES:
            days = job.joined_days if stage == "join" else range(job.days)
            done = [workers.submit(call, way, stage, job, number) for number in days]
            spent[stage] = sum(one.result() for one in done)
    return spent
