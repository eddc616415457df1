"""Forgetting listeners, end to end: what named them is built again without them, or is swept.

The list of the forgotten is an input, so the nights that are kept are built again by the same
tasks, oldest first, and what did not depend on them is found as it was. Older memberships, which
nights look back to, lose their rows. Then everything that still names them is deleted, and every
byte is searched. Each step can be repeated: whoever was stopped begins again.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import luigi

from tasks.engine.errors import CorruptPayload, EngineError
from tasks.engine.explain import same_recipe
from tasks.engine.journal import Address, Entry
from tasks.engine.keeping import keep
from tasks.engine.manifest import Input, Reason
from tasks.engine.reachable import There, task_of
from tasks.engine.runs import Outcome
from tasks.engine.store import Store
from tasks.engine.walk import Walk, is_artifact
from tasks.engine.workshop import Workshop
from tasks.retention import day_of, first_night, recent
from tasks.traces import Looker, Search, Trace

#: What each night keeps for those after it, a row a listener.
_MEMBERSHIPS = "AssignSegments"

#: Built when somebody asks for them, and not because a night needs them.
_ON_DEMAND = ("TryParameters", "SearchParameters", "MakeWorldDay")


@dataclass
class Before:
    """The kept nights as they were, and the tasks that build them again."""

    first: dt.date | None
    nights: dict[dt.date, list[luigi.Task]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    """Tasks whose code has changed since: they are for the next run to build."""
    digests: dict[tuple[str, str], str] = field(default_factory=dict)
    models: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


def before(shop: Workshop, nights: int) -> Before:
    """Look at the kept nights; nothing is changed."""
    shop.store.refresh()
    held = shop.store.holdings().listed()
    there = There(shop.store, [one.address for one in held
                               if one.kind == "artifact" and one.address])  # fmt: skip
    found = Before(first_night(there.addresses, nights))
    walk, as_built = Walk(shop), dict[str, bool]()
    for address in sorted(recent(there, nights)):
        entry = shop.store.find(address)
        day = day_of(address[1])
        if entry is None or day is None:
            continue
        found.digests[address[:2]] = entry.digest
        task = task_of(shop.store.manifest(address))
        if task is None or address[0] in _ON_DEMAND:
            continue
        if _is_as_built(task, walk, as_built):
            found.nights.setdefault(day, []).append(task)
        else:
            found.left.append("/".join(address[:2]))
    found.models = models(shop.store, found.first)
    return found


def models(store: Store, first: dt.date | None) -> dict[tuple[str, str], dict[str, Any]]:
    """Family and night -> what was decided of the night's model, and how good it was."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for label in store.labels("DecideModel"):
        day = day_of(label)
        newest = store.newest("DecideModel", label)
        judged = store.newest("EvaluateModel", label)
        if day is None or first is None or day < first or newest is None or judged is None:
            continue
        decision = store.read(newest)["decision.json"]
        measured = store.read(judged)["evaluation.json"]
        family = label.rpartition(".")[0]
        found[family, day.isoformat()] = {
            "verdict": decision["verdict"], "reasons": decision["reasons"],
            "digest": newest.digest, "rows": measured["rows"],
            "metrics": {name: figure["value"]
                        for name, figure in measured["metrics"]["model"].items()},
        }
    return found


def without_older(looker: Looker, first: dt.date | None) -> list[str]:
    """Take the rows of the forgotten out of memberships older than the kept nights; their labels.

    A row of a membership is about one listener alone, so the others keep theirs as they were.
    """
    store, done = looker.shop.store, []
    for label in store.labels(_MEMBERSHIPS):
        day, newest = day_of(label), store.newest(_MEMBERSHIPS, label)
        if newest is None or day is None or first is None or day >= first:
            continue
        rows = store.read(newest)
        gone = rows["listener"].isin(looker.ids)
        if gone.any():
            _keep_redacted(store, newest, rows[~gone].reset_index(drop=True))
            done.append(label)
    return done


def _keep_redacted(store: Store, entry: Entry, rows: Any) -> None:
    task, label, key = entry.address
    keep(store, task, label, rows, function="tasks.forgetting:without_older",
         parameters=store.manifest(entry.address).parameters,
         inputs={"before": Input(task, key, entry.digest)},
         reasons=[Reason("forgotten", detail="listeners asked to be forgotten")])


def sweep(
    looker: Looker, told: Callable[[], None] = lambda: None
) -> tuple[Search, dict[str, list[int]]]:
    """Delete everything that names the forgotten: what was found, and by kind how many and bytes.

    Records of runs keep their lines, without the names.
    """
    looker.shop.store.refresh()
    search = looker.everywhere(told)
    gone: dict[str, list[int]] = {}
    for trace in search.traces:
        freed = _swept(looker, trace)
        if freed is not None:
            count = gone.setdefault(trace.kind, [0, 0])
            count[0], count[1] = count[0] + 1, count[1] + freed
    return search, gone


def _swept(looker: Looker, trace: Trace) -> int | None:
    """The bytes that were freed; None when it is not ours to delete."""
    if trace.path is not None:
        size = trace.path.stat().st_size if trace.path.exists() else 0
        trace.path.unlink(missing_ok=True)
        return size
    if trace.holding is None:
        return None
    if trace.holding.kind == "run record" and not trace.holding.parts:
        path = looker.shop.settings.root / trace.holding.name
        coming = path.with_name(f".{path.name}")
        coming.write_bytes(looker.names.without(path.read_bytes(), b"(forgotten)"))
        coming.replace(path)
        return 0
    return looker.shop.store.holdings().discard(trace.holding)


def rebuilt(
    outcomes: Iterable[Outcome], known: dict[tuple[str, str], str], store: Store
) -> dict[str, dict[str, int]]:
    """By task: how many were built, and how many of these came out as they were."""
    built, same = Counter[str](), Counter[str]()
    for one in outcomes:
        if one.outcome != "built":
            continue
        built[one.task] += 1
        address: Address = (one.task, one.label, one.key)
        entry = store.find(address)
        same[one.task] += entry is not None and entry.digest == known.get((one.task, one.label))
    return {task: {"built": built[task], "came out as before": same[task]}
            for task in sorted(built)}


def _is_as_built(task: Any, walk: Walk, known: dict[str, bool]) -> bool:
    """Whether a task, and all below it, has the code and values its newest artifact was made with.

    What has no artifact is new, and changes nothing by itself.
    """
    if task.task_id not in known:
        known[task.task_id] = True  # a circle is refused elsewhere
        try:
            known[task.task_id] = _is_unchanged(task, walk) and all(
                _is_as_built(one, walk, known) for one in task.deps() if is_artifact(one))
        except (EngineError, CorruptPayload, OSError, ValueError, LookupError):
            known[task.task_id] = False
    return known[task.task_id]


def _is_unchanged(task: Any, walk: Walk) -> bool:
    latest = walk.workshop.store.latest(task.task_family, task.label())
    return latest is None or same_recipe(latest, walk.recipe(task))
