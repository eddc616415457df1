"""What each command of ``setlist`` takes, apart from the parameters of a task.

Kept by itself, without an import of anything heavy, so that help is there at once.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

_NAMES = ("nightly, ad_targeting, user_segmentation, reach, audience, audiences, score, search, "
          "monitoring, or any task's name")


@dataclass(frozen=True)
class Command:
    """One command: what it is for, an example of it, and what it takes."""

    what: str
    example: str
    add: Callable[[argparse.ArgumentParser], None]
    of_task: bool = True
    """Whether the name of a task and the task's own parameters follow."""


def add_common(parser: argparse.ArgumentParser, command: Command) -> None:
    """The arguments that commands share, then those of one."""
    if command.of_task:
        parser.add_argument("task", help=_NAMES)
        parser.add_argument("--module", action="append", default=[],
                            help="a module of tasks of your own to look for the name in")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    command.add(parser)


def _all(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="every task on a line of its own")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=1, help="worker processes (1)")
    parser.add_argument("--scheduler-url", help="a luigid, such as http://localhost:8082")


def _backfill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", required=True, metavar="DAY", help="first night")
    parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="last night")
    parser.add_argument("--yes", action="store_true", help="do not ask before beginning")
    parser.add_argument("--dry-run", action="store_true", help="print plan and estimate, no more")
    _run(parser)


def _nothing(parser: argparse.ArgumentParser) -> None:
    del parser


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--restore-registry", action="store_true",
                        help="register again what the store's receipts say was published")
    parser.add_argument("--upgrade-registry", action="store_true",
                        help="bring the registry's schema to the installed MLflow's")


#: Command -> what it is; its code is in the module of that name in ``workflows.commands``.
COMMANDS = {
    "plan": Command("what would be built, what may be, and why; runs nothing",
                    "setlist plan nightly", _all),
    "run": Command("build what is due and say how it ended",
                   "setlist run nightly --day 2026-02-04 --workers 2", _run),
    "backfill": Command("nights of the past, oldest first, out of tonight's way",
                        "setlist backfill nightly --from 2026-01-20 --to 2026-02-04", _backfill),
    "why": Command("why a task's artifact was built, or would be",
                   "setlist why TrainModel --family ad_targeting", _nothing),
    "show": Command("what exists: artifacts, decisions, reports",
                    "setlist show nightly", _all),
    "verify": Command("build artifacts again elsewhere and compare every byte",
                      "setlist verify BuildExamples --family ad_targeting", _all),
    "doctor": Command("is everything there that a night needs? each finding says what to do",
                      "setlist doctor", _doctor, of_task=False),
}
