"""``setlist show``: what exists for a task or a workflow, and where."""

import argparse
import webbrowser
from pathlib import Path
from typing import Any

from tasks.engine.explain import graph
from tasks.engine.journal import Address
from tasks.engine.manifest import Manifest
from tasks.engine.walk import Walk, is_artifact
from tasks.engine.workshop import workshop
from workflows.exporting import export
from workflows.highlights import highlights
from workflows.naming import UnknownName, find_task
from workflows.printing import painted, say, say_json, seconds, size, table

#: Stages with one artifact per day or shard: shown as one line together.
_MANY = 5


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Print one artifact in full, or a line for each artifact of a workflow; or export one."""
    task: Any = find_task(options.task, parameters, options.module)
    walk = Walk(workshop())
    every = [one for one in graph(task) if is_artifact(one)]
    wanted = [task] if is_artifact(task) and not options.all else every
    if options.export:
        return _export(task, walk, options)
    found = [(one, _manifest(one, walk)) for one in wanted]
    if options.json:
        say_json([_as_json(one, manifest, walk) for one, manifest in found])
    elif is_artifact(task) and not options.all:
        _print_one(task, found[0][1], walk)
    else:
        _print_many(found, options.all)
        say()
        for one in highlights(task, walk):
            say(f"  {one.what:<10} {painted(one.verdict, one.text)}")
    if options.open:
        _open([manifest for _, manifest in found if manifest], walk)
    return 0


def _export(task: Any, walk: Walk, options: argparse.Namespace) -> int:
    manifest = _manifest(task, walk) if is_artifact(task) else None
    if manifest is None:
        raise UnknownName(f"--export: {task} is no artifact that exists; setlist run builds it.")
    entry, store = walk.state(task).entry, walk.workshop.store
    assert entry is not None
    told = export(manifest, store.read(entry), store.folder(entry.address), Path(options.export))
    say_json({"exported": told}) if options.json else say(told)
    return 0


def _open(manifests: list[Manifest], walk: Walk) -> None:
    """Show the pages among some artifacts in the browser."""
    pages = [(one.task, one.label, one.key) for one in manifests if "payload.html" in one.payload]
    if not pages:
        raise UnknownName("--open: there is no page here; setlist show nightly lists the reports.")
    for address in pages:
        page = (walk.workshop.store.folder(address) / "payload.html").absolute().as_uri()
        if not webbrowser.open(page):
            say(f"no browser could be started; open {page}")


def _manifest(task: Any, walk: Walk) -> Manifest | None:
    entry = walk.state(task).entry
    return walk.workshop.store.manifest(entry.address) if entry else None


def _as_json(task: Any, manifest: Manifest | None, walk: Walk) -> dict[str, Any]:
    store, address = walk.workshop.store, _address(manifest)
    return {"task": task.task_family, "label": task.label(), "exists": manifest is not None,
            "path": str(store.path(address)) if address else None,
            "link": store.link(address) if address else None,
            "manifest": vars(manifest) if manifest else None}


def _address(manifest: Manifest | None) -> Address | None:
    return (manifest.task, manifest.label, manifest.key) if manifest else None


def _print_one(task: Any, manifest: Manifest | None, walk: Walk) -> None:
    say(f"{task.task_family}/{task.label()}")
    if manifest is None:
        say("  does not exist as it would be now; setlist plan says why, setlist run builds it")
        return
    say(f"  built      {manifest.created[:19]} on {manifest.host} in {seconds(manifest.seconds)}")
    say(f"  recipe     {manifest.function}")
    for name, text in manifest.values.items():
        say(f"             {name} = {text}")
    for name, given in manifest.inputs.items():
        say(f"  input      {name}: {given.task} {given.digest[:12]}")
    folder = walk.workshop.store.folder((manifest.task, manifest.label, manifest.key))
    for name, payload in manifest.payload.items():
        say(f"  file       {folder / name} ({size(payload.size)})")


def _print_many(found: list[tuple[Any, Manifest | None]], everything: bool) -> None:
    groups: dict[str, list[tuple[Any, Manifest | None]]] = {}
    for task, manifest in found:
        alone = everything or sum(one.task_family == task.task_family for one, _ in found) <= _MANY
        name = f"{task.task_family}/{task.label()}" if alone else task.task_family
        groups.setdefault(name, []).append((task, manifest))
    rows = [_row(name, [manifest for _, manifest in group]) for name, group in groups.items()]
    table(("TASK", "STATE", "ROWS", "SIZE", "TOOK", "BUILT"), rows)


def _row(name: str, manifests: list[Manifest | None]) -> tuple[str, ...]:
    there = [one for one in manifests if one is not None]
    state = "current" if len(there) == len(manifests) else f"{len(there)} of {len(manifests)}"
    label = f"{name} ({len(manifests)})" if len(manifests) > 1 else name
    total = sum(payload.size for one in there for payload in one.payload.values())
    rows = sum(one.rows or 0 for one in there)
    newest = max((one.created[:16].replace("T", " ") for one in there), default="-")
    return (label, state, f"{rows:,}" if rows else "-", size(total),
            seconds(sum(one.seconds for one in there)), newest)
