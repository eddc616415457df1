"""What a person wants to know of a finished night: decisions, audiences, what to open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import luigi

from tasks.engine.explain import graph
from tasks.engine.walk import Walk, is_artifact
from tasks.feasible import families_left_out
from tasks.live_history import last_model
from workflows.monitoring import MonitoringDaily
from workflows.nightly import Nightly

#: Tasks whose artifact has a list of alarms.
MONITORING = ("MeasureDrift", "MeasureCalibration", "EstimatePerformance", "CheckChampion",
              "CheckTables")


@dataclass(frozen=True)
class Highlight:
    """One line about a night: what it is, the verdict if there is one, and the words."""

    what: str
    verdict: str
    text: str


def highlights(root: luigi.Task, walk: Walk) -> list[Highlight]:
    """Decisions, audiences and reports of the tasks below ``root`` that exist."""
    found: list[Highlight] = []
    for task in graph(root):
        tell = _TELLERS.get(task.task_family)
        if tell is None or not is_artifact(task) or walk.state(task).entry is None:
            continue
        if _is_beside_the_point(tell, root):
            continue
        told = tell(task, walk)
        found += told if isinstance(told, list) else [told]
    return [*_left_out(root), *sorted(found, key=lambda one: _ORDER.index(one.what))]


def _is_beside_the_point(tell: Any, root: luigi.Task) -> bool:
    """Scores that were made to be watched, and decisions that monitoring only looks at."""
    if isinstance(root, MonitoringDaily):
        return tell not in (_alarms, _report)
    return tell is _scores and isinstance(root, Nightly)


def _left_out(root: luigi.Task) -> list[Highlight]:
    if not isinstance(root, Nightly):
        return []
    return [Highlight("left out", "", f"{name}: {why}") for name, why in
            families_left_out(root.day).items()]


def _decision(task: Any, walk: Walk) -> Highlight:
    decision = _value(task, walk)["decision.json"]
    reasons = decision["reasons"]
    text = f"{task.family} {task.day}: {decision['verdict']}"
    if decision["verdict"] == "refused":
        text += f" ({'; '.join(reasons)})"
    return Highlight("decision", decision["verdict"], text)


def _audience(task: Any, walk: Walk) -> Highlight:
    every = _value(task, walk)["audiences.json"]["audiences"]
    published = sum(one["published"] for one in every)
    return Highlight(
        "audiences", "", f"{task.family}: {published} of {len(every)} published"
    )


def _requested(task: Any, walk: Walk) -> Highlight:
    told = _value(task, walk)["audience.json"]
    text = f"{told['request']} {task.day}: {told['reason']}"
    if told["published"]:
        text += f", in {_folder(task, walk) / 'members.parquet'}"
    return Highlight("audience", "" if told["published"] else "refused", text)


def _lookalike(task: Any, walk: Walk) -> list[Highlight]:
    told = _value(task, walk)["lookalike.json"]
    if "deciles" not in told:
        return []
    lifts = " ".join(f"{one['lift']:.1f}" for one in told["deciles"])
    about = ", ".join(one["label"] for one in told["reasons"][:3]) or "like everybody"
    return [
        Highlight("lookalike", "", f"{told['request']}: seeds by tenth of the scores, "
                  f"times the base rate of {told['base_rate']:.1%}: {lifts}"),
        Highlight("lookalike", "", f"{told['request']}: seeds are {about}"),
    ]


def _reach(task: Any, walk: Walk) -> list[Highlight]:
    told = _value(task, walk)["reach.json"]
    lines = [Highlight("reach", "" if one["published"] else "refused", _reach_of(one))
             for one in told["requests"]]
    return [*lines, *(Highlight("reach", "", note) for note in told["notes"])]


def _reach_of(request: dict[str, Any]) -> str:
    """``evening: 410 listeners (in the segments 560, consented 480)``; ``-`` is too few to tell."""
    steps = ", ".join(
        f"{one['step']} {'-' if one['listeners'] is None else format(one['listeners'], ',')}"
        for one in request["steps"]
    )
    problems = "".join(f"\n    {one}" for one in request["problems"])
    return f"{request['name']}: {request['reason']}{f' ({steps})' if steps else ''}{problems}"


def _report(task: Any, walk: Walk) -> Highlight:
    return Highlight("open", "", str(_folder(task, walk) / "payload.html"))


def _alarms(task: Any, walk: Walk) -> list[Highlight]:
    return [Highlight("alarm", "alarm", one["sentence"]) for one in _value(task, walk)["alarms"]]


def _published(task: Any, walk: Walk) -> list[Highlight]:
    receipt = _value(task, walk)
    text = (f"published as {receipt['model']} version {receipt['version']}"
            if receipt["published"] else f"{task.family}: unchanged")
    last = last_model(walk.workshop.store, task.family)
    if last is None or not last.is_rollback or last.night < task.day:
        return [Highlight("registry", "", text)]
    told = last.receipt
    return [Highlight("registry", "", text), Highlight(
        "registry", "", f"{task.family}: rolled back after {last.night} to the model of "
        f"{told['to']}, version {told['version']}: {told['because']}")]


def _suggestion(task: Any, walk: Walk) -> Highlight:
    text = _value(task, walk)["suggestion.txt"]
    return Highlight("suggested", "", f"{_folder(task, walk) / 'suggestion.txt'}\n{text}")


def _scores(task: Any, walk: Walk) -> Highlight:
    rows = _value(task, walk)
    version = rows["model_version"].iloc[0] if len(rows) else "no model"
    return Highlight(
        "scores", "", f"{task.family} {task.day} shard {task.shard}: {len(rows):,} impressions by "
        f"the model of {version}, in {_folder(task, walk) / 'payload.parquet'}"
    )


def _value(task: Any, walk: Walk) -> Any:
    entry = walk.state(task).entry
    if entry is None:
        raise LookupError(f"{task} does not exist")
    return walk.workshop.store.read(entry)


def _folder(task: Any, walk: Walk) -> Any:
    entry = walk.state(task).entry
    if entry is None:
        raise LookupError(f"{task} does not exist")
    return walk.workshop.store.folder(entry.address)


_TELLERS: dict[str, Callable[[Any, Walk], Highlight | list[Highlight]]] = {
            "DecideModel": _decision, "PublishModel": _published, "BuildAudience": _audience,
            "WriteReport": _report, "SearchParameters": _suggestion, "ScoreImpressions": _scores,
            "PreviewReach": _reach, "BuildLookalike": _lookalike,
            "BuildRequestedAudience": _requested, "WriteMonitoring": _report,
            **dict.fromkeys(MONITORING, _alarms)}
_ORDER = ("alarm", "decision", "registry", "audiences", "reach", "lookalike", "audience", "scores",
          "open", "suggested")
