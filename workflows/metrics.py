"""Figures of the last run, for the textfile collector of Prometheus' node_exporter.

``[metrics] textfile_folder`` names the folder; each watched workflow has a file there, replaced
whole after each run.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from tasks.champion_age import champion_ages
from tasks.deployment import deployment
from tasks.engine.configured import Section, setting
from tasks.engine.errors import EngineError
from tasks.engine.explain import graph
from workflows.concerns import ALARMS, KINDS, Ended
from workflows.notifying.notice import About
from workflows.notifying.open_concerns import State


class MetricsSettings(Section, section="metrics"):
    """Where figures of the last run go."""

    textfile_folder: str = setting(
        "",
        "the folder of node_exporter's textfile collector; no file is written when empty. See "
        "[operate](operate.md#figures)")


_FIGURES = ("normalized_entropy", "calibration_ratio")


def write_metrics(about: About, state: State, nights: list[Ended], now: dt.datetime) -> list[str]:
    """Write the file, when a folder is set; what to print when that is not possible."""
    folder = MetricsSettings.read().textfile_folder
    if not folder:
        return []
    path = Path(folder) / f"setlist_{about.workflow}.prom"
    try:
        write_to_textfile(str(path), collected(about, state, nights, now))
    except (OSError, EngineError) as problem:
        return [f"the figures could not be written to {path}: {problem}"]
    return []


def collected(
    about: About, state: State, nights: list[Ended], now: dt.datetime
) -> CollectorRegistry:
    """Every figure of a run."""
    made = _Gauges(about.workflow)
    made.put("run_exit_code", "Exit code of the last run", about.exit_code)
    made.put("run_end_timestamp_seconds", "When the last run ended", now.timestamp())
    made.put("run_last_success_timestamp_seconds", "When a run last ended with 0",
             _timestamp(state.last_success))  # fmt: skip
    made.put("run_undelivered_messages", "Ways in which the last message could not be delivered",
             len(state.undelivered))  # fmt: skip
    for kind in dict.fromkeys((*KINDS, *ALARMS)):
        count = sum(one.concern.kind == kind for one in state.open)
        made.put("concerns_open", "Open concerns by kind", count, kind=kind)
    if nights:
        _put_nights(made, nights)
    return made.registry


class _Gauges:
    def __init__(self, workflow: str):
        self.registry, self.workflow = CollectorRegistry(), workflow
        self._made: dict[str, Gauge] = {}

    def put(self, name: str, what: str, value: float, **labels: str) -> None:
        if name not in self._made:
            names = ["workflow", *labels]
            self._made[name] = Gauge(f"setlist_{name}", what, names, registry=self.registry)
        self._made[name].labels(workflow=self.workflow, **labels).set(value)


def _put_nights(made: _Gauges, nights: list[Ended]) -> None:
    last = nights[-1]
    made.put("run_seconds", "How long the last run took", sum(one.seconds for one in nights))
    counts = {"built": [len(one.summary.built) for one in nights],
              "reused": [len(one.summary.reused) for one in nights],
              "failed": [len(one.summary.failed) for one in nights],
              "refused": [sum(line.verdict == "refused" for line in one.highlights)
                          for one in nights]}  # fmt: skip
    for outcome, each in counts.items():
        made.put("run_tasks", "Tasks of the last run by outcome", sum(each), outcome=outcome)
    day = getattr(last.task, "day", None)
    if day is not None:
        made.put("run_night_timestamp_seconds", "The last night that was run, midnight UTC",
                 _midnight(day))  # fmt: skip
    if not deployment().is_world:
        made.put("source_newest_day_timestamp_seconds", "The source's newest day, midnight UTC",
                 _midnight(deployment().last_day))  # fmt: skip
    for age in champion_ages(last.task):
        if age.is_live:
            made.put("champion_night_timestamp_seconds", "The night of the live model",
                     _midnight(age.since), family=age.family)  # fmt: skip
    for family, figures in _live_figures(last).items():
        for name, value in figures.items():
            made.put(f"live_model_{name}", f"{name} of the live model on the last test days",
                     value, family=family)  # fmt: skip


def _live_figures(night: Ended) -> dict[str, dict[str, float]]:
    """The figures of what is live after the night: tonight's model if blessed, or the champion."""
    root, walk = night.task, night.walk
    value: dict[tuple[str, str], Any] = {}
    for task in graph(root):
        if task.task_family in ("EvaluateModel", "DecideModel"):
            entry = walk.state(task).entry
            if entry is not None and task.day == root.day:  # type: ignore[attr-defined]
                read = walk.workshop.store.read(entry)
                value[task.task_family, task.family] = read  # type: ignore[attr-defined]
    found = {}
    for (name, family), read in value.items():
        if name == "DecideModel" and ("EvaluateModel", family) in value:
            verdict = read["decision.json"]["verdict"]
            metrics = value["EvaluateModel", family]["evaluation.json"].get("metrics", {})
            live = metrics.get("model" if verdict == "blessed" else "champion", {})
            found[family] = {one: live[one]["value"] for one in _FIGURES
                             if live.get(one, {}).get("value") is not None}  # fmt: skip
    return found


def _timestamp(moment: str) -> float:
    return dt.datetime.fromisoformat(moment).timestamp() if moment else 0.0


def _midnight(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
