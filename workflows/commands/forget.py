"""``setlist forget``: listeners are forgotten, end to end, and a report proves it."""

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import Any

from ml.errors import SetlistDataError
from ml.report import forgetting as page
from ml.shards import read_list
from tasks import forgetting
from tasks.deployment import deployment
from tasks.engine.journal import Entry
from tasks.engine.keeping import keep
from tasks.engine.run import Summary, build
from tasks.engine.workshop import workshop
from tasks.forgotten_list import checked, listed, record
from tasks.retention import retention
from tasks.traces import Looker, Search
from workflows.commands.run import one_line
from workflows.naming import UnknownName, import_tasks
from workflows.printing import say, say_json, size, table
from workflows.progress import counting, watching

INCOMPLETE = 30
_SHOWN = 20


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Forget; 0 when nothing names them any more, 30 when something does or could not be built."""
    import_tasks()
    here = deployment()
    asked = _asked(options)
    everybody = list(dict.fromkeys([*listed(here.forgotten), *asked]))
    looker = Looker(workshop(), here.registry, here.key, everybody)
    if options.dry_run:
        return _look(looker, asked, options)
    nights = options.nights or retention().nights
    before = forgetting.before(workshop(), nights)
    new = record(here.forgotten, asked)
    _say(options, f"{len(new):,} of {len(asked):,} listeners were put on {here.forgotten}")
    shortened = forgetting.without_older(looker, before.first)
    summaries = _build(before, options)
    with counting(0, "searched", options.json) as count:
        found, swept = forgetting.sweep(looker, count)
    _say(options, f"swept {sum(one for one, _ in swept.values()):,} things")
    with counting(0, "searched", options.json) as count:
        left = looker.everywhere(count)
    nowhere = sorted(set(asked) - looker.who(found.traces))
    told = _told(looker, before, summaries, swept, left, shortened) | {
        "listeners": {"asked": len(asked), "new": len(new), "listed": len(everybody),
                      "nowhere": len(nowhere)}}
    code = 0 if told["complete"] else INCOMPLETE
    kept = _kept(looker, told)
    _print(options, told, nowhere, kept, code)
    return code


def _asked(options: argparse.Namespace) -> list[str]:
    """The ids of the command line and of the file, checked. Raises `UnknownName`, `NoSuchId`."""
    ids = list(options.listeners)
    try:
        for path in options.file:
            ids += read_list(Path(path))["listener"].tolist()
    except (OSError, ValueError, SetlistDataError) as error:
        raise UnknownName(f"--file: {error}") from None
    return checked(ids)


def _build(before: forgetting.Before, options: argparse.Namespace) -> list[Summary]:
    """Each kept night once more, oldest first: a night goes on from the one before it."""
    done: list[Summary] = []
    for night, tasks in sorted(before.nights.items()):
        _say(options, f"night {night}: {len(tasks):,} artifacts are looked at")
        with watching(len(tasks), quiet=options.json):
            done.append(build(tasks, workers=options.workers, log_level="WARNING"))
        _say(options, f"  {one_line(done[-1], [], 0.0).rsplit(',', 1)[0]}")
    return done


def _told(
    looker: Looker, before: forgetting.Before, summaries: list[Summary],
    swept: dict[str, list[int]], left: Search, shortened: list[str],
) -> dict[str, Any]:
    """The report, without anybody's name."""
    store = looker.shop.store
    store.refresh()
    after = forgetting.models(store, before.first)
    outcomes = [one for summary in summaries for one in summary.outcomes]
    failed = [f"{one.task}/{one.label}: {one.message}" for one in outcomes
              if one.outcome == "failed"]
    failed += [f"{one} is not complete" for summary in summaries for one in summary.incomplete]
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "nights": [str(night) for night in sorted(before.nights)],
        "rebuilt": forgetting.rebuilt(outcomes, before.digests, store),
        "failed": failed, "left": before.left, "shortened": shortened,
        "swept": dict(sorted(swept.items())),
        "models": [{"family": family, "night": night, "before": before.models.get((family, night)),
                    "after": after.get((family, night))}
                   for family, night in sorted({*before.models, *after})],
        "searched": {"files": left.files, "bytes": left.bytes, "unsearched": left.unsearched},
        "remaining": [[one.kind, one.where] for one in left.traces],
        "complete": not failed and not left.traces and not left.unsearched,
    }


def _kept(looker: Looker, told: dict[str, Any]) -> Entry:
    """The report as an artifact, which is never swept: it names nobody."""
    text = looker.names.without(json.dumps(told, ensure_ascii=False).encode(), b"(forgotten)")
    clean = json.loads(text)
    return keep(looker.shop.store, "ForgetListeners", told["at"][:19].replace(":", ""),
                {"report.json": clean, "report.html": page.render(clean)},
                function="workflows.commands.forget:main")


def _look(looker: Looker, asked: list[str], options: argparse.Namespace) -> int:
    """What names those who would be forgotten; nothing is recorded, built or deleted."""
    with counting(0, "searched", options.json) as count:
        search = looker.everywhere(count)
    kinds: dict[str, int] = {}
    for one in search.traces:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    nowhere = sorted(set(asked) - looker.who(search.traces))
    if options.json:
        say_json({"exit_code": 0, "files": search.files, "bytes": search.bytes, "named_in": kinds,
                  "nowhere": nowhere})
        return 0
    if kinds:
        table(("WHAT", "THINGS"), [(kind, f"{count:,}") for kind, count in sorted(kinds.items())])
    say(f"{len(search.traces):,} of {search.files:,} files ({size(search.bytes)}) name "
        f"{len(set(asked)) - len(nowhere):,} of {len(asked):,} listeners; nothing was changed")
    return 0


def _print(
    options: argparse.Namespace, told: dict[str, Any], nowhere: list[str], kept: Entry, code: int
) -> None:
    folder = workshop().store.folder(kept.address)
    if options.json:
        say_json({**told, "exit_code": code, "nowhere": nowhere,
                  "report": str(folder / "report.html")})
        return
    if nowhere:
        more = f" and {len(nowhere) - _SHOWN:,} more" if len(nowhere) > _SHOWN else ""
        say(f"in nothing that was found, but on the list now: {', '.join(nowhere[:_SHOWN])}{more}")
    for kind, where in told["remaining"][:_SHOWN]:
        say(f"still named in {kind} {where}")
    for one in told["failed"]:
        say(f"failed  {one}")
    say(f"searched {told['searched']['files']:,} files, {size(told['searched']['bytes'])}: "
        f"{len(told['remaining']):,} name a listener of the list")
    say(page.sentence(told))
    say(f"report: {folder / 'report.html'}")


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.json:
        say(text)
