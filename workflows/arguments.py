"""What each command of ``setlist`` takes, apart from the parameters of a task.

Kept by itself, without an import of anything heavy, so that help is there at once.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

#: A workflow's name -> the module and the class of its task.
WORKFLOWS = {
    "nightly": ("workflows.nightly", "Nightly"),
    "ad_targeting": ("workflows.ad_targeting", "AdTargetingDaily"),
    "score": ("workflows.score", "ScoreDay"),
    "user_segmentation": ("workflows.user_segmentation", "UserSegmentationDaily"),
    "reach": ("tasks.requests", "PreviewReach"),
    "audience": ("tasks.requests", "BuildRequestedAudience"),
    "audiences": ("workflows.audiences", "RequestedAudiencesDaily"),
    "monitoring": ("workflows.monitoring", "MonitoringDaily"),
    "search": ("workflows.search", "ParameterSearch"),
}
_NAMES = f"{', '.join(WORKFLOWS)}, or any task's name"


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
        named = parser.add_argument("task", help=_NAMES)
        named.completer = _tasks  # type: ignore[attr-defined]
        parser.add_argument("--module", action="append", default=[],
                            help="a module of tasks of your own to look for the name in")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    command.add(parser)


def _tasks(prefix: str, **_: object) -> list[str]:
    """What a shell offers for a task: workflows first; then every task, which takes a second."""
    known = [name for name in WORKFLOWS if name.startswith(prefix)]
    if known:
        return known
    from workflows.naming import every_task

    return [name for name in every_task() if name.lower().startswith(prefix.lower())]


def _all(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="every task on a line of its own")


def _show(parser: argparse.ArgumentParser) -> None:
    _all(parser)
    parser.add_argument("--open", action="store_true", help="open its reports in the browser")
    parser.add_argument("--export", metavar="PLACE",
                        help="write it as a .csv or .parquet file, or its files to a folder")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=1, help="worker processes (1)")
    parser.add_argument("--scheduler-url", help="a luigid, such as http://localhost:8082")
    parser.add_argument("--catch-up", type=int, default=0, metavar="N",
                        help="first, those of the N nights before that were never finished (0)")


def _backfill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", required=True, metavar="DAY", help="first night")
    parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="last night")
    parser.add_argument("--yes", action="store_true", help="do not ask before beginning")
    parser.add_argument("--dry-run", action="store_true", help="print plan and estimate, no more")
    _run(parser)


def _nothing(parser: argparse.ArgumentParser) -> None:
    del parser


def _gc(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--delete", action="store_true",
                        help="delete it; without this nothing is deleted")
    parser.add_argument("--nights", type=_count, metavar="N",
                        help="how many of the newest nights to keep ([retention] nights)")


def _rollback(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("family", metavar="FAMILY", help="such as ad_targeting")
    parser.add_argument("--to", required=True, metavar="NIGHT",
                        help="the night whose model should be live, or the key of its receipt")
    parser.add_argument("--because", required=True, metavar="REASON",
                        help="why, in a sentence that will be shown")


def _forget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("listeners", nargs="*", metavar="LISTENER",
                        help="ids, as the service knows them; none: finish what was begun")
    parser.add_argument("--file", action="append", default=[], metavar="CSV",
                        help="a CSV with a column listener, beside or instead of ids")
    parser.add_argument("--nights", type=_count, metavar="N",
                        help="how many of the newest nights to build again ([retention] nights)")
    parser.add_argument("--workers", type=_count, default=1, help="worker processes (1)")
    parser.add_argument("--dry-run", action="store_true",
                        help="only look for what names them; record, build and delete nothing")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} must be at least 1")
    return number


def _notify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--test", action="store_true", help="send a test message every way set")
    parser.add_argument("--workflow", default="nightly", help="whose open concerns (nightly)")


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--restore-registry", action="store_true",
                        help="register again what the store's receipts say was published")
    parser.add_argument("--upgrade-registry", action="store_true",
                        help="bring the registry's schema to the installed MLflow's")


def _page(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", help="where to listen (127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, help="the port (8083)")


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
                    "setlist show nightly --open", _show),
    "verify": Command("build artifacts again elsewhere and compare every byte",
                      "setlist verify BuildExamples --family ad_targeting", _all),
    "gc": Command("what no receipt and no recent night needs; deletes it only when told",
                  "setlist gc --delete", _gc, of_task=False),
    "rollback": Command("make the model of another night live again, earlier or later",
                        'setlist rollback ad_targeting --to 2026-02-01 --because "odd scores"',
                        _rollback, of_task=False),
    "forget": Command("forget listeners everywhere, and prove it in a report",
                      "setlist forget listener-000010 listener-000011", _forget, of_task=False),
    "notify": Command("what is open, who is told of it and how; sends a test message",
                      "setlist notify --test", _notify, of_task=False),
    "doctor": Command("is everything there that a night needs? each finding says what to do",
                      "setlist doctor", _doctor, of_task=False),
    "page": Command("a page to read in a browser: nights, champions, drift, what is red and why",
                    "setlist page --port 8083", _page, of_task=False),
}
