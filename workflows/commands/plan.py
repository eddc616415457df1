"""``setlist plan``: what a run would do, and why, without running anything."""

import argparse
from collections import Counter
from typing import Any

from tasks.engine.explain import Plan, Step, plan
from workflows.naming import find_task
from workflows.printing import say, say_json, seconds, table

_FEW = 40
_WORDS = {"build": "to build", "maybe": "may be built (or reused)", "current": "current",
          "blocked": "blocked", "source missing": "source missing"}


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Print the plan; exit code 20 when a source is missing."""
    task = find_task(options.task, parameters, options.module)
    planned = plan(task)
    if options.json:
        say_json(as_json(planned))
    else:
        say(f"plan of {task}")
        _print(planned, options.all)
    return 20 if planned.having("source missing") else 0


def as_json(planned: Plan) -> dict[str, Any]:
    """The plan for machines."""
    return {
        "seconds": planned.seconds,
        "steps": [
            {"task": step.task, "label": step.label, "parameters": step.parameters,
             "verdict": step.verdict, "seconds": step.seconds,
             "reasons": [vars(reason) for reason in step.reasons]}
            for step in planned.steps
        ],
    }


def _print(planned: Plan, everything: bool) -> None:
    due = [step for step in planned.steps if step.verdict != "current"]
    if not due:
        say("nothing to do: everything is current")
        return
    if everything or len(due) <= _FEW:
        shown = planned.steps if everything else due
        table(("TASK", "PLAN", "LAST TOOK", "WHY"), [_line(step) for step in shown])
    else:
        table(("TASK", "PLAN", "TASKS", "LAST TOOK", "WHY"), _grouped(due))
        say("(setlist plan --all lists every task)")
    say()
    say(sentence(planned))


def _line(step: Step) -> tuple[str, str, str, str]:
    reasons = "; ".join(map(str, step.reasons[:3]))
    more = f"; and {len(step.reasons) - 3} more" if len(step.reasons) > 3 else ""
    return step.name, step.verdict, seconds(step.seconds), reasons + more


def _grouped(due: list[Step]) -> list[tuple[str, str, str, str, str]]:
    groups: dict[tuple[str, str], list[Step]] = {}
    for step in due:
        groups.setdefault((step.task, step.verdict), []).append(step)
    return [
        (task, verdict, str(len(steps)), seconds(sum(one.seconds or 0.0 for one in steps)),
         str(steps[0].reasons[0]) if steps[0].reasons else "")
        for (task, verdict), steps in groups.items()
    ]


def sentence(planned: Plan) -> str:
    """The plan in one line."""
    counts = Counter(str(step.verdict) for step in planned.steps)
    parts = [f"{counts[verdict]} {words}" for verdict, words in _WORDS.items() if counts[verdict]]
    known = planned.seconds
    return ", ".join(parts) + (f"; about {seconds(known)} of work" if known >= 1 else "")
