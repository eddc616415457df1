"""The ``setlist`` command: plan, run, why, show and verify, for any task by name; doctor.

Exit codes: 0 all there (a refused model is a result, not a failure); 2 wrong usage; 20 a source
is missing; 25 something was not run; 30 a task failed; 40 anything unexpected.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

_EXAMPLES = """examples:
  setlist plan nightly                                      what a night would do, and why
  setlist run nightly --day 2026-02-04 --workers 2          do it
  setlist why TrainModel --family ad_targeting              why the model was built last
  setlist run audience --request indie_or_hip_hop           an audience somebody asked for
  setlist show nightly                                      what exists, and what to open
  setlist verify BuildExamples --family ad_targeting        is it the same when built again?
  setlist doctor                                            is everything there?
  setlist --config other.cfg run ad_targeting               with another luigi.cfg
"""

#: Command -> module of ``workflows.commands``; each is imported only when it is used.
COMMANDS = {
    "plan": "what would be built, what may be, and why; runs nothing",
    "run": "build what is due and say how it ended",
    "why": "why a task's artifact was built, or would be",
    "show": "what exists: artifacts, decisions, reports",
    "verify": "build artifacts again elsewhere and compare every byte",
    "doctor": "is everything there that a night needs? each finding says what to do",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options, parameters = parser().parse_known_args(arguments)
    if options.config:
        if not os.path.exists(options.config):
            return _complain(f"--config {options.config}: no such file", 2)
        os.environ["LUIGI_CONFIG_PATH"] = options.config
    # As a script would: the project's folder comes first.
    sys.path.insert(0, os.getcwd())
    command = importlib.import_module(f"workflows.commands.{options.command}")
    from tasks.engine.errors import EngineError
    from workflows.naming import UnknownName

    try:
        return command.main(options, parameters)
    except BrokenPipeError:
        # Whoever read us (head, less) has seen enough; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except UnknownName as error:
        return _complain(str(error), 2)
    except EngineError as error:
        return _complain(f"{type(error).__name__}: {error}", 40)


def parser() -> argparse.ArgumentParser:
    """The command line; a task's own parameters are taken as they come (``--family X``)."""
    made = argparse.ArgumentParser(
        prog="setlist", description=(__doc__ or "").splitlines()[0], epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )
    made.add_argument("--config", help="another luigi.cfg, read after the folder's own")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what in COMMANDS.items():
        if name == "doctor":
            _add_doctor(commands, what)
            continue
        one = commands.add_parser(
            name, help=what, description=what, allow_abbrev=False,
            epilog=f"A task's parameters follow its name: setlist {name} TrainModel "
                   "--family ad_targeting --day 2026-02-04",
        )
        one.add_argument("task", help="nightly, ad_targeting, user_segmentation, reach, audience, "
                                         "audiences, score, search, or any task's name")
        one.add_argument("--module", action="append", default=[],
                         help="a module of tasks of your own to look for the name in")
        one.add_argument("--json", action="store_true", help="print JSON for machines")
        if name in ("plan", "show", "verify"):
            one.add_argument("--all", action="store_true", help="every task on a line of its own")
        if name == "run":
            one.add_argument("--workers", type=int, default=1, help="worker processes (1)")
            one.add_argument("--scheduler-url", help="a luigid, such as http://localhost:8082")
    return made


def _add_doctor(commands: Any, what: str) -> None:
    one = commands.add_parser("doctor", help=what, description=what, allow_abbrev=False)
    one.add_argument("--json", action="store_true", help="print JSON for machines")
    one.add_argument("--restore-registry", action="store_true",
                     help="register again what the store's receipts say was published")
    one.add_argument("--upgrade-registry", action="store_true",
                     help="bring the registry's schema to the installed MLflow's")


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"setlist: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
