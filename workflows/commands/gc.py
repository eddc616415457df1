"""``setlist gc``: delete what no receipt and no recent night can reach; dry unless told."""

import argparse
import time
from collections.abc import Callable
from typing import Any

from tasks.deployment import deployment
from tasks.engine.collecting import Doomed, delete, doomed
from tasks.engine.holdings import IN_WORDS, Holding
from tasks.engine.workshop import workshop
from tasks.retention import Retention, retention, roots
from workflows.naming import import_tasks
from workflows.printing import say, say_json, size, table
from workflows.progress import counting


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Say what would go, or delete it and say what was freed."""
    import_tasks()
    deployment().days()  # without its source, what a night needs could not be told
    kept, began = retention(), time.time()
    nights = options.nights or kept.nights
    found = doomed(workshop(), lambda there: roots(there, nights), kept.ages, began)
    if not options.json:
        _print(found, kept, nights)
    freed = _delete(found, began, quiet=options.json) if options.delete else None
    if options.json:
        say_json(_as_json(found, freed))
    elif freed is not None:
        say(f"freed {size(freed)} ({freed:,} bytes){_lacking(found, freed)}")
    elif found.holdings:
        say("nothing was deleted; to do it: setlist gc --delete")
    return 0


def _delete(found: Doomed, began: float, quiet: bool) -> int:
    with counting(len(found.holdings), "deleted", quiet) as count:
        return delete(workshop(), found.holdings, began, _told(count))


def _told(count: Callable[[], None]) -> Callable[[Holding, int], None]:
    return lambda holding, freed: count()


def _lacking(found: Doomed, freed: int) -> str:
    if freed == found.size:
        return ", as said"
    return (f" of {found.size:,}: the rest was used, built again or deleted by another meanwhile")


def by_task(found: Doomed) -> dict[str, tuple[int, int]]:
    """How many things of each task would go, and their bytes; what is no artifact comes last."""
    groups: dict[str, tuple[int, int]] = {}
    for one in found.holdings:
        name = one.address[0] if one.kind == "artifact" and one.address else IN_WORDS[one.kind]
        count, total = groups.get(name, (0, 0))
        groups[name] = count + 1, total + one.size
    return dict(sorted(groups.items(), key=lambda item: (item[0].startswith("("), item[0])))


def _print(found: Doomed, kept: Retention, nights: int) -> None:
    groups = by_task(found)
    if groups:
        table(("TASK", "THINGS", "SIZE"),
              [(task, f"{count:,}", size(total)) for task, (count, total) in groups.items()])
        say()
    say(f"would free {size(found.size)} ({found.size:,} bytes) in {len(found.holdings):,} things; "
        f"{found.kept:,} artifacts stay, {size(found.kept_bytes)}")
    say(f"kept: all receipts with their models, the newest {nights} night(s) with all they need, "
        f"and what is younger than {kept.ages.grace / 3600:g} hours")


def _as_json(found: Doomed, freed: int | None) -> dict[str, Any]:
    return {
        "would_free": found.size, "things": len(found.holdings), "kept": found.kept,
        "kept_bytes": found.kept_bytes, "freed": freed,
        "by_task": {task: {"things": count, "bytes": total}
                    for task, (count, total) in by_task(found).items()},
    }
