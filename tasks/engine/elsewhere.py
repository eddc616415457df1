"""The other process of an isolated recipe: make the task again, check its key, run its recipe."""

import contextlib
import importlib
import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.engine.errors import EngineError, RecipeError
from tasks.engine.manifest import Payload
from tasks.engine.progress import Tell, told_to
from tasks.engine.ranks import LocalPeers, Peers

RESULT = "\x1eresult "
PROGRESS = "\x1eprogress "
TROUBLE = "\x1etrouble "


@dataclass(frozen=True)
class Order:
    """What another process has to know; everything is text or a number.

    ``inputs`` has the key and the digest of each input, as `Walk.known_inputs` gives them.
    """

    module: str
    family: str
    label: str
    parameters: dict[str, str]
    stage: str
    key: str
    inputs: list[tuple[str, str]]
    ranks: int = 1


@dataclass(frozen=True)
class Made:
    """What is known of a result: how it is stored, and what is said of it.

    ``memory`` is the peak of the process that made it, the largest of several, in bytes;
    ``payload`` its files, if they were hashed already.
    """

    codec: str
    rows: int | None
    summary: str
    notes: dict[str, str | float]
    memory: int | None
    payload: dict[str, Payload] | None = None


def main(order: str, rank: str, meeting: str) -> None:
    """A process of the nursery's, which says on its output how far it is, and what it made.

    What the engine raises is said too, for whoever asked to raise the same.
    """
    forget_peak()
    given = Order(**json.loads(order))
    peers = LocalPeers(f"{meeting}/door", int(rank), given.ranks) if given.ranks > 1 else None
    try:
        made = cook(given, Path(given.stage), lambda *told: _say(PROGRESS, told), peers)
    except Exception as error:
        if peers is not None:
            _let_the_cause_be_first()
        if isinstance(error, EngineError):
            _say(TROUBLE, [type(error).__module__, type(error).__name__, str(error)])
        raise
    if int(rank) == 0:
        _say(RESULT, made)


def cook(order: Order, stage: Path, tell: Tell, peers: Peers | None = None) -> list[Any]:
    """Run the recipe; rank 0 writes its result into ``stage``. What `made_of` understands.

    Raises `RecipeError` when code or inputs are not those of the key.
    """
    from luigi.task_register import load_task

    from tasks.engine import building, codec
    from tasks.engine.walk import Walk, key_of
    from tasks.engine.workshop import workshop

    task: Any = load_task(order.module, order.family, dict(order.parameters))
    walk = Walk(workshop())
    walk.believe(task, order.inputs)
    walk.state(task)
    digests = walk.input_digests(task)
    if digests is None or key_of(walk.recipe(task), digests) != order.key:
        raise RecipeError(
            f"{order.family}: the code or an input changed between planning and running, or is "
            "another one here; run again."
        )
    with told_to(tell):
        value = building.call(task, walk, peers)
    kind = codec.write(value, stage) if peers is None or peers.rank == 0 else ""
    memory = str(peak_memory())
    most = max(map(int, peers.gather(memory) if peers else [memory]))
    return [kind, codec.rows_of(value), *building.said_of(task, value), most]


def made_of(result: list[Any]) -> Made:
    """What another process said it made, after it came through JSON."""
    kind, rows, summary, notes, memory, *files = result
    payload = {name: Payload(*one) for name, one in files[0].items()} if files else None
    return Made(kind, rows, summary, notes, memory, payload)


def raised_there(module: str, name: str, text: str) -> EngineError:
    """What the engine raised in another process, as it would have been raised here."""
    kind: type[EngineError] = getattr(importlib.import_module(module), name)
    error = kind.__new__(kind)
    error.args = (text,)
    return error


def peak_memory() -> int:
    """Peak resident memory of this process in bytes: so far, or since `forget_peak`."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def forget_peak() -> None:
    """Measure the peak from here on, where the system can: a process builds many artifacts."""
    # Linux: "5" makes what is resident now the most that was; see proc_pid_clear_refs(5).
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _let_the_cause_be_first() -> None:
    """A rank that fails because another one was lost should not be the one that is reported."""
    time.sleep(1.0)


def _say(kind: str, what: Any) -> None:
    sys.stdout.write(f"{kind}{json.dumps(what)}\n")
    sys.stdout.flush()
