# PYTHON_ARGCOMPLETE_OK
"""The ``setlist`` command: a night, one task of it, and everything around them.

Exit codes: 0 all there (a refused model is a result, not a failure); 2 wrong usage; 20 a source
is missing; 25 something was not run; 30 a task failed; 40 it could not begin, or the scheduler is
down; 143 it was asked to stop.
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence

import argcomplete

from workflows.arguments import COMMANDS, add_common

#: New objects before a search for garbage, ten times Python's own. Modules, a graph and frames to
#: be read again are half a million objects that stay, and a search among everything sees them all.
_NEW_OBJECTS = 7_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    gc.set_threshold(_NEW_OBJECTS)
    understood = parser()
    argcomplete.autocomplete(understood, default_completer=argcomplete.SuppressCompleter())
    options, parameters = understood.parse_known_args(arguments)
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
        if parameters and not COMMANDS[options.command].of_task:
            raise UnknownName(f"{options.command} takes no {parameters[0]}.")
        return command.main(options, parameters)
    except BrokenPipeError:
        # Whoever read us (head, less) has seen enough; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except UnknownName as error:
        return _complain(str(error), 2)
    except EngineError as error:
        return _complain(f"{type(error).__name__}: {error}", 40)
    except KeyboardInterrupt as stop:
        # The error of a SIGTERM says so and knows its exit code; Ctrl-C says nothing.
        return _complain(str(stop) or "interrupted", getattr(stop, "exit_code", 130))


def parser() -> argparse.ArgumentParser:
    """The command line; a task's own parameters are taken as they come (``--family X``)."""
    examples = "\n".join(f"  {one.example}" for one in COMMANDS.values())
    made = argparse.ArgumentParser(
        prog="setlist", description=(__doc__ or "").splitlines()[0],
        epilog=f"examples:\n{examples}\n  setlist --config other.cfg run ad_targeting",
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )
    made.add_argument("--config", help="another luigi.cfg, read after the folder's own")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        more = "; a task's own parameters follow its name" if command.of_task else ""
        one = commands.add_parser(name, help=command.what, description=command.what,
                                  allow_abbrev=False, epilog=f"example: {command.example}{more}")
        add_common(one, command)
    return made


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"setlist: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
