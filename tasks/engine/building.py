"""Making one artifact: look, wait, load, call, write, commit; or reuse an equal one."""

import datetime as dt
import logging
import socket
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.engine import codec, isolated, reading, recording
from tasks.engine.elsewhere import Made, forget_peak, peak_memory
from tasks.engine.errors import CorruptPayload, RecipeError, SourceMissing
from tasks.engine.journal import Address, Entry
from tasks.engine.manifest import (
    Input,
    Manifest,
    Reason,
    digest_of_payload,
    reasons_between,
)
from tasks.engine.payload import payload_of, write_payload
from tasks.engine.ranks import Peers
from tasks.engine.recipe import Recipe, unwrap, wants_path
from tasks.engine.retrying import persisting
from tasks.engine.source import places_of, value_of
from tasks.engine.walk import Walk, address_of, is_artifact, key_of, named_inputs

if TYPE_CHECKING:
    from tasks.engine.artifact import ArtifactTask

logger = logging.getLogger(__name__)


def make(task: "ArtifactTask", walk: Walk, distrusted: bool = False) -> str:
    """Make a task's artifact exist; returns the sentence that says how.

    An artifact that is ``distrusted`` is believed only after every byte of it was checked.
    Raises what the recipe raises; nothing is kept then.
    """
    with recording.of_failure(task):
        pauses = walk.workshop.settings.retry_seconds
        return persisting(lambda: _made(task, walk, distrusted), pauses, task.tell)


def _made(task: "ArtifactTask", walk: Walk, distrusted: bool) -> str:
    address, recipe, digests = _prepared(task, walk)
    store = walk.workshop.store
    entry = store.find(address, distrusted)
    if entry is None:
        lease = store.lease(address[2], walk.workshop.settings.lease_seconds)
        with lease.held_unless(lambda: store.find(address, distrusted)) as entry:
            if entry is None:
                problem = store.problem(address, distrusted)
                return _built(task, walk, address, recipe, digests, problem)
    if distrusted:
        walk.settle(task, entry)  # another consumer of it was faster to mend it
        return ""
    return _reused(task, walk, entry)


def folder_of(task: "ArtifactTask", walk: Walk, running: bool = False) -> Path:
    """The folder of a task's artifact, or of its label while the key is not known."""
    state = walk.again(task) if running else walk.state(task)
    root = walk.workshop.settings.root
    if state.key is None:
        return root / task.task_family / task.label()
    store, address = walk.workshop.store, address_of(task, state.key)
    return store.folder(address) if state.entry is not None else store.path(address)


def load(task: "ArtifactTask", walk: Walk) -> Any:
    """The value of a task's artifact. Raises `SourceMissing` when it is not built."""
    state = walk.state(task)
    if state.entry is None or walk.workshop.store.find(state.entry.address) is None:
        raise SourceMissing(f"{task} is not built; run it first")
    return walk.workshop.store.read(state.entry)


def _prepared(task: "ArtifactTask", walk: Walk) -> tuple[Address, Recipe, dict[str, str]]:
    """The address an artifact will have, now that all of its inputs exist."""
    for _, one in named_inputs(task):
        if walk.state(one).digest is None:
            walk.again(one)
    digests = walk.input_digests(task)
    if digests is None:
        lacking = [name for name, one in named_inputs(task) if walk.state(one).digest is None]
        raise SourceMissing(f"{task} cannot be built: input {', '.join(lacking)} does not exist")
    recipe = walk.recipe(task)
    return address_of(task, key_of(recipe, digests)), recipe, digests


def _reused(task: "ArtifactTask", walk: Walk, entry: Entry) -> str:
    walk.settle(task, entry)
    manifest = walk.workshop.store.manifest(entry.address)
    reused = f"reused an equal artifact built {entry.created[:16].replace('T', ' ')}"
    message = "; ".join(filter(None, [manifest.summary, reused]))
    recording.outcome(task, "reused", manifest, message)
    _show_end(task, walk, manifest, message)
    return message


def _built(
    task: "ArtifactTask", walk: Walk, address: Address, recipe: Recipe, digests: dict[str, str],
    problem: str | None,
) -> str:
    store = walk.workshop.store
    previous = store.latest(address[0], address[1])
    reasons = why(address, recipe, digests, previous, problem)
    if problem and (grave := store.set_aside(address)):
        logger.warning("%s: %s; set aside in %s, rebuilt", "/".join(address), problem, grave)
    task.tell("building: " + "; ".join(map(str, reasons[:3])))
    inputs = _healed_inputs(task, walk, digests)
    started, created = time.perf_counter(), _after(previous)
    with store.staging() as stage:
        with task.working():
            made = produce(task, walk, stage, address[2])
        _confirm_sources(task, walk, digests)
        payload = made.payload or payload_of(stage)
        manifest = Manifest(
            *address, parameters=task.to_str_params(only_significant=True),
            function=recipe.function, values=recipe.values, code=recipe.code,
            libraries=recipe.libraries, inputs=inputs, payload=payload, codec=made.codec,
            digest=digest_of_payload(payload), rows=made.rows,
            reasons=reasons, previous=previous.key if previous else None,
            created=created.isoformat(timespec="microseconds"),
            seconds=round(time.perf_counter() - started, 6), peak_memory_bytes=made.memory,
            host=socket.gethostname(), versions={"python": sys.version.split()[0]},
            summary=made.summary, notes=made.notes,
        )
        entry = store.commit(stage, manifest)
    walk.settle(task, entry)
    message = "; ".join(filter(None, [made.summary, f"built in {manifest.seconds:.1f} s"]))
    recording.outcome(task, "built", manifest, message)
    _show_end(task, walk, manifest, message)
    return message


def _after(previous: Manifest | None) -> dt.datetime:
    """Now; or just after what is there, which else stays the newest when the clock stepped back."""
    now = dt.datetime.now(dt.UTC)
    if previous is None or (last := dt.datetime.fromisoformat(previous.created)) <= now:
        return now
    logger.warning("it is %s, and %s/%s was built at %s: the clock stepped back",
                   now, previous.task, previous.label, last)
    return last + dt.timedelta(microseconds=1)


def _show_end(task: "ArtifactTask", walk: Walk, manifest: Manifest, message: str) -> None:
    address = manifest.task, manifest.label, manifest.key
    page = walk.workshop.settings.page.rstrip("/")
    place = f"{page}/artifact/{'/'.join(address)}" if page else walk.workshop.store.link(address)
    task.tell(message, 100)
    task.link(task.page(place, manifest.notes))


def why(
    address: Address, recipe: Recipe, digests: dict[str, str] | None, previous: Manifest | None,
    problem: str | None,
) -> list[Reason]:
    """The reasons to build an artifact that does not exist, or has a problem; never empty."""
    if problem:
        return [Reason("payload", detail=problem)]
    if previous is None:
        return [Reason("first build", address[1])]
    found = reasons_between(previous, recipe.values, recipe.code, recipe.libraries, digests)
    if not found and previous.key == address[2]:
        return [Reason("payload", detail="is gone")]
    if not found and previous.function != recipe.function:
        return [Reason("code", recipe.function, f"instead of {previous.function}")]
    return found


def _healed_inputs(task: "ArtifactTask", walk: Walk, digests: dict[str, str]) -> dict[str, Input]:
    inputs: dict[str, Input] = {}
    for name, one in named_inputs(task):
        key = walk.states[one.task_id].key or ""
        inputs[name] = Input(one.task_family, key, digests[name])
    return inputs


def produce(
    task: "ArtifactTask", walk: Walk, stage: Path, key: str, here: bool = False
) -> Made:
    """Run the recipe into a staged folder, on this machine or where the settings say.

    Effects are done on this machine, by whoever was asked for them.
    """
    settings = walk.workshop.settings
    on_spark = settings.runs_on == "spark" and task.code_matters and not here
    if on_spark or task.isolated or task.ranks > 1:
        return isolated.produce(task, walk, stage, key, on_spark)
    forget_peak()
    value = call(task, walk)
    kind, payload = write_payload(value, stage)
    return Made(kind, codec.rows_of(value), *said_of(task, value), peak_memory(), payload)


def said_of(task: "ArtifactTask", value: Any) -> tuple[str, dict[str, str | float]]:
    """The author's sentence about what was built, and what is noted of it."""
    return task.summary(value), task.notes(value)


def call(task: "ArtifactTask", walk: Walk, peers: Peers | None = None) -> Any:
    """Load the inputs and call the recipe, watching what it reads."""
    recipe = walk.recipe(task).run
    function, _ = unwrap(recipe)
    states = [walk.states[one.task_id] for _, one in named_inputs(task)]
    walk.workshop.store.fetch(state.entry for state in states if state.entry is not None)
    with walk.workshop.copies.in_use():
        inputs = {
            name: _given_of(task, name, required, walk, wants_path(function, name))
            for name, required in task.requires_by_name().items()
        }
        with reading.watched(_given(task, walk)) if task.code_matters else nullcontext():
            value = recipe(**inputs) if peers is None else recipe(**inputs, peers=peers)
    if value is None:
        raise RecipeError(f"{function.__qualname__} returned None (was return forgotten?)")
    return value


def _given_of(
    task: "ArtifactTask", name: str, required: Any, walk: Walk, as_path: bool
) -> Any:
    """What the recipe is given for an input: its value, its place, or the place of one file."""
    file = task.file_read(name)
    return _load(required, walk, as_path) if file is None else _load(required, walk, True) / file


def _load(required: Any, walk: Walk, as_path: bool) -> Any:
    if isinstance(required, dict):
        return {name: _load(one, walk, as_path) for name, one in required.items()}
    if isinstance(required, (list, tuple)):
        return [_load(one, walk, as_path) for one in required]
    if not is_artifact(required):
        return value_of(required, walk.workshop.copies)
    return _read_or_heal(required, walk, as_path)


def _read_or_heal(task: "ArtifactTask", walk: Walk, as_path: bool) -> Any:
    """Read an input; if its bytes are not what was committed, say so, rebuild it, read again."""
    store = walk.workshop.store
    entry = walk.states[task.task_id].entry
    if entry is None:
        raise SourceMissing(f"{task} does not exist")
    try:
        return store.read(entry, as_path)
    except CorruptPayload as error:
        logger.warning("%s; rebuilding it before going on", error)
    expected = entry.digest
    walk.states.pop(task.task_id)
    make(task, walk, distrusted=True)
    healed = walk.states[task.task_id].entry
    if healed is None or healed.digest != expected:
        raise CorruptPayload(str(task), f"the content {expected[:8]} again", "another content; "
                             "run again to rebuild what depends on it")
    return store.read(healed, as_path)


def _confirm_sources(task: "ArtifactTask", walk: Walk, digests: dict[str, str]) -> None:
    for name, one in named_inputs(task):
        if not is_artifact(one):
            walk.workshop.sources.confirm(one, digests[name])


def _given(task: "ArtifactTask", walk: Walk) -> list[Path]:
    """Where a recipe may read: its inputs' files."""
    places: list[Path] = []
    for _, one in named_inputs(task):
        entry = walk.states[one.task_id].entry
        places += ([walk.workshop.store.path(entry.address)] if entry
                   else places_of(one, walk.workshop.copies))
    return places
