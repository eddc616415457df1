"""``setlist notify``: what is open, who is told of it and how; or a test message."""

import argparse
import os
import socket
from dataclasses import asdict

from tasks.engine.workshop import workshop
from workflows.notifying.channels import deliver, ways
from workflows.notifying.notice import About, page_of, trial
from workflows.notifying.open_concerns import Open, StateFile
from workflows.notifying.settings import NotifySettings, read_notify_settings
from workflows.printing import painted, say, say_json

UNDELIVERED = 40


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Show what is open; with ``--test``, send a message and exit with 40 if that fails."""
    settings = read_notify_settings()
    if options.test:
        return _try(options, settings)
    state = StateFile(workshop().log.folder, options.workflow.lower()).read()
    if options.json:
        say_json({"ways": list(ways(settings)), **asdict(state)})
        return 0
    say(f"told by: {', '.join(ways(settings)) or 'nothing; see [notify] in luigi.cfg'}")
    for one in state.open:
        _print(one, settings)
    say(f"{len(state.open)} open" if state.open else "nothing is open")
    for problem in state.undelivered:
        say(f"the last message was not delivered: {problem}")
    return 0


def _print(one: Open, settings: NotifySettings) -> None:
    kind = painted("failed", one.concern.kind)
    told = "told" if one.told else "not told yet"
    say(f"{kind}  {one.concern.subject} (since {one.since[:16].replace('T', ' ')} UTC, {told})")
    say(f"    {page_of(settings.runbook, one.concern.runbook)}")


def _try(options: argparse.Namespace, settings: NotifySettings) -> int:
    about = About(options.workflow, "", f"test-{os.getpid()}", socket.gethostname(), 0, "", "")
    delivered, problems = deliver(trial(about), settings)
    code = UNDELIVERED if problems or not delivered else 0
    if options.json:
        say_json({"exit_code": code, "delivered": delivered, "problems": problems})
        return code
    for name in delivered:
        say(f"{painted('built', 'sent')}      {name}")
    for problem in problems:
        say(f"{painted('failed', 'not sent')}  {problem}")
    if not delivered and not problems:
        say("no way is set: see [notify] in luigi.cfg and docs/configuration.md")
    return code
