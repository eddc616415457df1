"""What a person wants to know of a finished night: decisions, audiences, what to open."""

from dataclasses import dataclass
from typing import Any

import luigi

from tasks.engine.explain import graph
from tasks.engine.walk import Walk, is_artifact
from tasks.engine.workshop import workshop
from tasks.feasible import families_left_out
from workflows.nightly import Nightly


@dataclass(frozen=True)
class Highlight:
    """One line about a night: what it is, the verdict if there is one, and the words."""

    what: str
    verdict: str
    text: str


def highlights(root: luigi.Task) -> list[Highlight]:
    """Decisions, audiences and reports of the tasks below ``root`` that exist."""
    walk = Walk(workshop())
    found: list[Highlight] = []
    for task in graph(root):
        tell = _TELLERS.get(task.task_family)
        if tell is None or not is_artifact(task) or walk.state(task).entry is None:
            continue
        found.append(tell(task, walk))
    return [*_left_out(root), *sorted(found, key=lambda one: _ORDER.index(one.what))]


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
        "audiences", "", f"{task.family}: {published} of {len(every)} large enough to publish"
    )


def _report(task: Any, walk: Walk) -> Highlight:
    return Highlight("open", "", str(_folder(task, walk) / "payload.html"))


def _published(task: Any, walk: Walk) -> Highlight:
    receipt = _value(task, walk)
    if not receipt["published"]:
        return Highlight("registry", "", f"{task.family}: unchanged")
    return Highlight(
        "registry", "", f"published as {receipt['model']} version {receipt['version']}"
    )


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


_TELLERS = {"DecideModel": _decision, "PublishModel": _published, "BuildAudience": _audience,
            "WriteReport": _report, "SearchParameters": _suggestion, "ScoreImpressions": _scores}
_ORDER = ("decision", "registry", "audiences", "scores", "open", "suggested")
