"""``setlist verify``: build an artifact again elsewhere and compare every byte."""

import argparse
from typing import Any

from tasks.engine.verifying import Verified, verify
from tasks.engine.walk import is_artifact
from workflows.naming import find_task
from workflows.printing import say, say_json, table

DIFFERENT, NOT_RUN = 30, 25


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Verify one artifact, or every one of a workflow; 0 when all that is built is the same."""
    task: Any = find_task(options.task, parameters, options.module)
    found = verify(task, below=options.all or not is_artifact(task))
    code = exit_code(found)
    if options.json:
        say_json({"exit_code": code, "verified": [vars(one) for one in found]})
        return code
    unlike = [one for one in found if one.outcome != "same"]
    if unlike:
        table(("TASK", "OUTCOME", "FILES THAT DIFFER"),
              [(one.name, one.outcome, ", ".join(one.differing) or "-") for one in unlike])
        say()
    counts = {what: sum(one.outcome == what for one in found)
              for what in ("same", "different", "not built", "effect")}
    say(", ".join(f"{count} {what}" for what, count in counts.items() if count))
    return code


def exit_code(found: list[Verified]) -> int:
    """30 when an artifact came out otherwise, 25 when one is not there, 0 otherwise."""
    outcomes = {one.outcome for one in found}
    return DIFFERENT if "different" in outcomes else NOT_RUN if "not built" in outcomes else 0
