"""Whether what a night needs is there and fits together; each finding says what to do.

Every check really does what a night would do: it lists and writes the store, connects to the
registry, compares clocks. None builds or changes anything that lasts.
"""

import datetime as dt
import os
import shutil
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from luigi import configuration
from packaging.requirements import Requirement

from tasks.deployment import deployment
from tasks.engine import registry
from tasks.engine.errors import EngineError
from tasks.engine.spark_settings import refuse_unready
from tasks.engine.workshop import workshop
from tasks.live_history import families, last_model
from tasks.restoring import publications

_FEW_BYTES = 5 << 30
_TOO_FEW_BYTES = 200 << 20
_CLOCK_SECONDS = 60.0
_MINUTE = "%Y-%m-%d %H:%M"
_DEFAULT_SCHEDULER = "http://localhost:8082"
_RESTORE = "setlist doctor --restore-registry"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: str
    """``ok``, ``warning`` (a night would run) or ``failed`` (it would not, or not rightly)."""
    found: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Every finding, as soon as it is known."""
    for name, check in _CHECKS.items():
        try:
            yield from (Finding(name, *one) for one in check())
        except EngineError as error:
            yield Finding(name, "failed", str(error))
        except OSError as error:
            yield Finding(name, "failed", f"{type(error).__name__}: {error}",
                          "correct the place, its permissions or its disk")


_Found = Iterator[tuple[str, str] | tuple[str, str, str]]


def _configuration() -> _Found:
    refuse_unready(workshop().settings)
    here = deployment()
    days = here.days()
    yield "ok", f"source {here.source.name}, {days[0]} to {days[-1]}, {here.shards} shard(s)"
    if not here.is_world and not os.environ.get("SETLIST_PSEUDONYM_KEY"):
        yield ("failed", "SETLIST_PSEUDONYM_KEY is not set, so the pseudonyms protect nobody",
               "make a key, keep it secret, and set it: docs/configuration.md")


def _versions() -> _Found:
    try:
        declared = requires("setlist") or []
    except PackageNotFoundError:
        yield "failed", "setlist is not installed, so its versions are not known", "make setup"
        return
    yield "ok", f"Python {sys.version.split()[0]}, setlist {version('setlist')}"
    for text in declared:
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield "failed", f"{wanted.name} is not installed", "make setup"
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            yield ("failed", f"{wanted.name} {found} is installed, {wanted.specifier} is wanted",
                   "make setup")


def _store() -> _Found:
    """List it and write to it: a lease is taken and given back, as every task does."""
    shop = workshop()
    place = shop.settings.bucket or str(shop.settings.root)
    shop.store.refresh()
    nights = len(shop.store.labels("PublishModel"))
    with shop.store.lease(uuid.uuid4().hex * 2, 5.0).held_unless(lambda: None):
        pass
    with shop.store.staging() as stage:
        (stage / "probe").write_bytes(b"written by setlist doctor")
    yield "ok", f"{place} can be listed and written; {nights} receipt(s)"


def _disk() -> _Found:
    places = {_existing(workshop().settings.root), Path(tempfile.gettempdir())}
    address = deployment().registry
    if address.kind == "sqlite":
        places.add(_existing(address.path.absolute()))
    for place in sorted(places):
        free = shutil.disk_usage(place).free
        told = f"{free / (1 << 30):.1f} GiB free at {place}"
        if free < _TOO_FEW_BYTES:
            yield "failed", told, "make room: a night writes hundreds of megabytes"
        elif free < _FEW_BYTES:
            yield "warning", told, "make room soon"
        else:
            yield "ok", told


def _registry() -> _Found:
    address = deployment().registry
    schema = registry.schema_of(address)
    if schema is None:
        registry.versions_in(address, "nobody")
        yield "ok", f"{address} answers"
    elif schema.found is None:
        yield from _untouched()
    else:
        registry.require_writable(address)
        yield "ok", f"{address} can be written, and its schema {schema.found} is ours"


def _scheduler() -> _Found:
    config = configuration.get_config()
    if config.getboolean("core", "local_scheduler", False):
        yield "ok", "each run brings its own; --scheduler-url names a luigid for one run"
        return
    url = config.get("core", "scheduler_url", "") or _DEFAULT_SCHEDULER
    try:
        with urllib.request.urlopen(f"{url}/static/visualiser/index.html", timeout=5) as page:
            served = b"Luigi" in page.read()
    except (OSError, ValueError) as error:
        yield ("failed", f"no luigid answers at {url} ({error})",
               "start it (docs/operate.md), or set [core] scheduler_url or local_scheduler = true")
        return
    yield ("ok", f"luigid answers at {url}") if served else (
        "failed", f"{url} answers, but it is no luigid", "correct [core] scheduler_url")


def _untouched() -> _Found:
    address, receipts = deployment().registry, publications(workshop().store)
    if receipts:
        yield ("failed", f"{address} is empty, and the store has {len(receipts)} receipt(s) of "
               "published models: the registry was lost, or is another one",
               f"restore its backup, or make it again: {_RESTORE}")
    else:
        yield "ok", f"{address} is untouched; the first publication makes it"


def _champions() -> _Found:
    """The alias and the newest receipt (of a publication or a rollback) of every family."""
    store = workshop().store
    newest = {family: last for family in families(store) if (last := last_model(store, family))}
    for family, last in sorted(newest.items()):
        live = registry.champion_in(deployment().registry, family)
        name = registry.model_name(family)
        left = f"a rollback after {last.night}" if last.is_rollback else str(last.night)
        if live is None:
            yield ("failed", f"{name} has no champion, and {left} published one", _RESTORE)
        elif live.digest == last.receipt["digest"]:
            yield "ok", f"champion of {name} is version {live.number}, as {left} left it"
        elif live.night > last.night.isoformat():
            yield ("warning", f"champion of {name} is of {live.night}, and the newest receipt of "
                   f"{last.night}: another store publishes there, or receipts were lost",
                   "if that is not meant, roll back to the one that is: setlist rollback")
        else:
            yield ("warning", f"champion of {name} is version {live.number} of {live.night}, and "
                   f"the newest receipt is of {left}: the alias was moved by hand, or a rollback "
                   "was stopped half way", f"to finish it: setlist rollback {family} --to "
                   f"{live.night}; to put the alias back: {_RESTORE}")
    if not newest:
        yield "ok", "nothing was published from this store yet"


def _clock() -> _Found:
    now = dt.datetime.now(dt.UTC)
    other = registry.clock(deployment().registry)
    if other is not None:
        ahead = (now - other).total_seconds()
        told = f"this machine is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} the " \
               "registry's server"
        yield ("ok", told) if abs(ahead) < _CLOCK_SECONDS else (
            "warning", told, "synchronise the clocks (chrony, systemd-timesyncd)")
    store = workshop().store
    newest = [entry for label in store.labels("PublishModel")
              if (entry := store.newest("PublishModel", label))]
    latest = max((dt.datetime.fromisoformat(one.created) for one in newest), default=None)
    if latest is not None and (latest - now).total_seconds() > _CLOCK_SECONDS:
        yield ("failed", f"it is {now:{_MINUTE}} UTC, and a receipt is of {latest:{_MINUTE}}: "
               "the clock went back, or was ahead then",
               "set the clock; the newest of several receipts of a night is found by its time")
    else:
        yield "ok", f"it is {now:{_MINUTE}} UTC, after every receipt"


def _existing(place: Path) -> Path:
    return next(one for one in (place, *place.parents) if one.is_dir())


_CHECKS: dict[str, Callable[[], _Found]] = {
    "versions": _versions, "configuration": _configuration, "disk": _disk, "store": _store,
    "registry": _registry, "scheduler": _scheduler, "champion": _champions, "clock": _clock,
}
