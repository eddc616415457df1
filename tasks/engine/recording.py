"""Writing into the run's record what became of a task."""

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tasks.engine.errors import unwritable
from tasks.engine.manifest import Manifest
from tasks.engine.runs import Outcome
from tasks.engine.workshop import workshop

if TYPE_CHECKING:
    from tasks.engine.artifact import ArtifactTask

logger = logging.getLogger(__name__)


def outcome(task: "ArtifactTask", what: str, manifest: Manifest, message: str) -> None:
    """A task was ``built`` or ``reused``: what its manifest says, and a sentence."""
    built = what == "built"
    _write(
        task, manifest.key, what, message,
        reasons=[str(reason) for reason in manifest.reasons] if built else [],
        seconds=manifest.seconds if built else 0.0, rows=manifest.rows,
        memory=manifest.peak_memory_bytes if built else None, notes=manifest.notes,
    )


def failure(task: "ArtifactTask", error: BaseException | str) -> None:
    """A task failed: what was raised, or what Luigi says of its process."""
    name = "" if isinstance(error, str) else type(error).__name__
    message = f"{name}: {error}" if name else str(error)
    try:
        _write(task, "", "failed", message, error=name or "Died")
    except OSError as unrecorded:
        logger.error("%s: that it failed could not be recorded: %s", task, unrecorded)


@contextmanager
def of_failure(task: "ArtifactTask") -> Iterator[None]:
    """Record whatever is raised inside, once."""
    try:
        yield
    except BaseException as error:
        told = unwritable(error, workshop().settings.root) or error
        task._failure = told
        failure(task, told)
        if told is error:
            raise
        raise told from error


def _write(task: "ArtifactTask", key: str, what: str, message: str, **facts: Any) -> None:
    workshop().log.write(Outcome(
        task.task_id, task.task_family, task.label(), key, what, message=message,
        at=dt.datetime.now(dt.UTC).isoformat(),
        parameters=task.to_str_params(only_significant=True), **facts,
    ))
