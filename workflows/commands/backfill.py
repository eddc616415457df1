"""``setlist backfill``: nights of the past, oldest first, out of tonight's way.

It prints what is there, what would be built and about how long that takes, asks, and runs. What
was built is kept, so the same command goes on after anything: a kill, a failure, a nightly run.
It stops at the first night that cannot be completed: the nights after it would continue from it.
"""

import argparse
import datetime as dt
import sys
from collections.abc import Callable

import luigi

from tasks.deployment import deployment
from tasks.engine.workshop import workshop
from workflows.backfill.nights import Backfill, foreseen
from workflows.backfill.running import Ran, Remaining, run_nights
from workflows.backfill.tonight import alone, night_lock
from workflows.backfill.words import as_json, failure, night_line, plan_lines
from workflows.commands.run import exit_code
from workflows.naming import UnknownName, find_task
from workflows.printing import say, say_json, seconds

BUSY, NOT_RUN, INTERRUPTED = 10, 25, 130


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Backfill a range of days; the exit code is that of the first night that failed."""
    days = _days(options)
    task_of = _tasks(options, parameters)
    with alone(workshop().settings.root / "_backfill.lock") as is_ours:
        if not is_ours:
            sys.stderr.write("setlist: another backfill of this store is at work; wait for it\n")
            return BUSY
        planned = foreseen(days, task_of, options.workers)
        if not options.json:
            for line in plan_lines(planned, _later(days[-1])):
                say(line)
        if options.dry_run or not planned.due:
            return _told(options, planned, [], 0)
        if not _agreed(options):
            return _told(options, planned, [], NOT_RUN)
        return _run(options, planned, task_of)


def _run(
    options: argparse.Namespace, planned: Backfill, task_of: Callable[[dt.date], luigi.Task]
) -> int:
    where = {"local_scheduler": False, "scheduler_url": options.scheduler_url}
    days = [night.day for night in planned.nights]
    left, ran, code = Remaining(planned), list[Ran](), 0
    nights = run_nights(days, task_of, night_lock(), lambda text: _say(options, f"  {text}"),
                        workers=options.workers, **(where if options.scheduler_url else {}))
    try:
        for one in nights:
            ran.append(one)
            rest = left.done(one)
            code = 0 if one.summary is None else exit_code(one.summary, one.planned)
            if one.summary is not None:
                _say(options, night_line(one, len(ran), len(days), rest))
            if code:
                _say(options, failure(one))
    except KeyboardInterrupt:
        _say(options, "\nstopped; the same command goes on from here")
        code = INTERRUPTED
    return _told(options, planned, ran, code)


def _told(options: argparse.Namespace, planned: Backfill, ran: list[Ran], code: int) -> int:
    if options.json:
        say_json({"exit_code": code, **as_json(planned, ran)})
    elif ran:
        took = sum(one.seconds for one in ran)
        word = "done" if code == 0 else "NOT DONE"
        say(f"{word}: {len(ran)} of {len(planned.nights)} nights, {seconds(took)}; the estimate "
            f"was {seconds(planned.wall)}")
    return code


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.json:
        say(text)
        sys.stdout.flush()


def _days(options: argparse.Namespace) -> list[dt.date]:
    """Every day of the range. Raises `UnknownName` when the source does not have it."""
    first, last = _day("--from", options.first), _day("--to", options.last)
    if first > last:
        raise UnknownName(f"--from {first} is after --to {last}.")
    days = [first + dt.timedelta(one) for one in range((last - first).days + 1)]
    here = deployment()
    if here.is_world:
        if first < here.first_day:
            raise UnknownName(f"--from {first}: the world begins on {here.first_day}.")
        return days
    known = here.days()
    absent = sorted(set(days) - set(known))
    if absent:
        raise UnknownName(
            f"{len(absent)} of these days are not in the source, first {absent[0]}; it has "
            f"{known[0]} to {known[-1]}."
        )
    return days


def _day(option: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UnknownName(f"{option} {text} is no day; write it as 2026-02-04.") from None


def _tasks(
    options: argparse.Namespace, parameters: list[str]
) -> Callable[[dt.date], luigi.Task]:
    """The task of a day. Raises `UnknownName` when the name has no day to go through."""
    if any(one.partition("=")[0] == "--day" for one in parameters):
        raise UnknownName("backfill goes through the days of --from and --to; leave --day out.")

    def task_of(day: dt.date) -> luigi.Task:
        return find_task(options.task, [*parameters, "--day", day.isoformat()], options.module)

    return task_of


def _later(last: dt.date) -> list[dt.date]:
    """Nights after the range whose decisions are in the store."""
    nights = {dt.date.fromisoformat(label.rpartition(".")[2])
              for label in workshop().store.labels("PublishModel")}  # fmt: skip
    return sorted(night for night in nights if night > last)


def _agreed(options: argparse.Namespace) -> bool:
    """Whether to begin. Raises `UnknownName` where nobody can be asked."""
    if options.yes:
        return True
    if options.json or not sys.stdin.isatty():
        raise UnknownName("this is no terminal, so nobody can be asked; say --yes, or --dry-run.")
    sys.stdout.write("Begin? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
