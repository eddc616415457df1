"""``setlist why``: the reasons an artifact was built, or would be."""

import argparse
from typing import Any

from tasks.engine.explain import why
from tasks.engine.manifest import Manifest, Reason
from tasks.engine.walk import is_artifact
from workflows.naming import UnknownName, find_task
from workflows.printing import say, say_json, seconds


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Print the reasons of the newest artifact of a task, or of the one that is due."""
    task: Any = find_task(options.task, parameters, options.module)
    if not is_artifact(task):
        raise UnknownName(f"{options.task} stands for several tasks; ask about one of them.")
    manifest, reasons = why(task)
    is_current = task.complete()
    if options.json:
        say_json({"task": task.task_family, "label": task.label(), "current": is_current,
                  "reasons": [vars(reason) for reason in reasons],
                  "artifact": vars(manifest) if manifest else None})
    else:
        _print(task, manifest, reasons, is_current)
    return 0


def _print(task: Any, manifest: Manifest | None, reasons: list[Reason], is_current: bool) -> None:
    say(f"{task.task_family}/{task.label()}")
    if manifest is not None:
        rows = f", {manifest.rows:,} rows" if manifest.rows is not None else ""
        at = manifest.created[:19].replace("T", " ")
        say(f"  built {at} in {seconds(manifest.seconds)}{rows}, key {manifest.key[:12]}")
    say("  is current; it was built because:" if is_current else "  would be built because:")
    for reason in reasons:
        say(f"    {reason}")
