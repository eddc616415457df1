"""``setlist doctor``: is everything there that a night needs, and does it fit together?"""

import argparse
import itertools
from collections.abc import Iterator

from tasks.deployment import deployment
from tasks.engine import registry
from tasks.engine.workshop import workshop
from tasks.health import Finding, examine
from tasks.restoring import Restored, restore_registry
from workflows.printing import painted, say, say_json
from workflows.settings import misspelt, unknown

FAILED = 40


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Examine, or repair what was asked for and then examine; 40 when something is failed."""
    upgraded = _upgrade(options) if options.upgrade_registry else None
    restored = _restore(options) if options.restore_registry else []
    findings = []
    for one in itertools.chain(_unread(), examine()):
        findings.append(one)
        if not options.json:
            _print(one)
    bad = any(one.state == "failed" for one in findings)
    bad = bad or any(one.outcome == "lost" for one in restored)
    code = FAILED if bad else 0
    if options.json:
        say_json({"exit_code": code, "findings": [vars(one) for one in findings],
                  "restored": [vars(one) for one in restored], "upgraded_from": upgraded})
        return code
    say()
    say(", ".join(f"{count} {state}" for state in ("failed", "warning", "ok")
                  if (count := sum(one.state == state for one in findings))))
    return code


def _unread() -> Iterator[Finding]:
    for told in (*misspelt(), *unknown()):
        yield Finding("configuration", "warning", told, "correct it: docs/configuration.md")


def _print(one: Finding) -> None:
    word = {"failed": "failed", "warning": "refused", "ok": "built"}[one.state]
    say(f"{painted(word, f'{one.state:<8}')} {one.check:<14} {one.found}")
    if one.advice:
        say(f"{'':<8} {'':<14} to do: {one.advice}")


def _upgrade(options: argparse.Namespace) -> str | None:
    before = registry.upgrade(deployment().registry)
    found = before.found if before else None
    if not options.json and before:
        say(f"registry: schema {found or 'none'} -> {before.wanted}")
    return found


def _restore(options: argparse.Namespace) -> list[Restored]:
    done: list[Restored] = []
    for one in restore_registry(workshop().store, deployment().registry):
        done.append(one)
        if not options.json:
            number = f"version {one.version}" if one.version else ""
            say(" ".join(filter(None, [one.outcome, one.family, one.night, number, one.detail])))
    if not done and not options.json:
        say("nothing to restore: the store has no receipt of a published model")
    return done
