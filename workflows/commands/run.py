"""``setlist run``: build what is due, show progress, and say the truth at the end."""

import argparse
import datetime as dt
import sys
import time
from typing import Any

import luigi
from luigi import configuration

from tasks.engine import ledger
from tasks.engine.explain import Plan, plan
from tasks.engine.run import Summary, build, fresh_walk
from tasks.engine.workshop import workshop
from workflows.attending import Attended, attended, where_logged
from workflows.catching_up import missed_before, worst
from workflows.commands.plan import sentence
from workflows.highlights import Highlight, highlights
from workflows.naming import find_task
from workflows.printing import painted, say, say_json, seconds
from workflows.progress import watching

FAILED, NOT_RUN, MISSING = 30, 25, 20


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Run a task, after nights before it that were missed; the exit code tells how it ended."""
    with attended(options) as night:
        task = find_task(options.task, parameters, options.module)
        due = [*missed_before(task, options.catch_up), task]
        return worst([_run(options, one, night) for one in due])


def _run(options: argparse.Namespace, task: luigi.Task, night: Attended) -> int:
    started = time.monotonic()
    planned = plan(task)
    if not options.json:
        say(f"{task}: {sentence(planned) or 'nothing to do'}")
    due = len(planned.steps) - len(planned.having("current"))
    with ledger.opened(workshop(), task, planned) as run:
        with watching(due, quiet=options.json):
            summary = build([task], run.name, workers=options.workers, log_level="WARNING",
                            **_where(options))
        code = exit_code(summary, planned)
        run.end(code, summary.incomplete)
    took = time.monotonic() - started
    walk = fresh_walk()
    shown = [*highlights(task, walk), where_logged()]
    night.ended(task, summary, planned, walk, shown, took, code)
    if options.json:
        say_json(_as_json(summary, shown, took, code))
    else:
        _print(summary, planned, shown, took)
    return code


def exit_code(summary: Summary, planned: Plan) -> int:
    """0 when everything asked for exists; otherwise the code that says what is wrong."""
    if summary.succeeded:
        return 0
    # Where failures could not even be recorded, Luigi's word is what there is.
    if summary.failed or summary.status.startswith("FAILED"):
        return FAILED
    return MISSING if planned.having("source missing") else NOT_RUN


def _where(options: argparse.Namespace) -> dict[str, Any]:
    """The scheduler that was named, or the one of ``[core]``, as for Luigi's own command."""
    if options.scheduler_url:
        return {"local_scheduler": False, "scheduler_url": options.scheduler_url}
    local = configuration.get_config().getboolean("core", "local_scheduler", True)
    return {"local_scheduler": local}


def _print(summary: Summary, planned: Plan, shown: list[Highlight], took: float) -> None:
    _print_trouble(summary, planned)
    for one in shown:
        say(f"  {one.what:<10} {painted(one.verdict, one.text)}")
    if shown:
        say()
    say(one_line(summary, shown, took))


def _print_trouble(summary: Summary, planned: Plan) -> None:
    for outcome in summary.failed:
        say(f"{painted('failed')}  {outcome.task}/{outcome.label}")
        say("    " + outcome.message.replace("\n", "\n    "))
    if summary.failed:
        say("Mend the cause and run the same command again: what was built is kept.\n")
    if not summary.succeeded:
        for step in planned.having("source missing"):
            say(f"{painted('source missing')}  {step.reasons[0].subject}")
        if not summary.failed:
            say("not complete: " + ", ".join(summary.incomplete))
    sys.stdout.flush()


def one_line(summary: Summary, shown: list[Highlight], took: float) -> str:
    """How a run ended, in one line."""
    refused = sum(one.verdict == "refused" for one in shown)
    word = "done" if summary.succeeded else "NOT DONE"
    return (
        f"{word}: {len(summary.built)} built, {len(summary.reused)} reused, {refused} refused, "
        f"{len(summary.failed)} failed, {seconds(took)}"
    )


def _as_json(
    summary: Summary, shown: list[Highlight], took: float, code: int
) -> dict[str, Any]:
    return {
        "run": summary.run, "exit_code": code, "seconds": round(took, 3),
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "complete": summary.succeeded, "incomplete": summary.incomplete,
        "built": [vars(one) for one in summary.built],
        "reused": [vars(one) for one in summary.reused],
        "failed": [vars(one) for one in summary.failed],
        "highlights": [vars(one) for one in shown],
    }
