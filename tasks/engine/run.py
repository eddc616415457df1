"""Run tasks through Luigi and tell the truth about how it ended."""

import logging
from dataclasses import dataclass, field
from typing import Any

import luigi
from luigi.task_register import Register

from tasks.engine import runs
from tasks.engine.errors import EngineError
from tasks.engine.runs import Outcome
from tasks.engine.walk import Walk
from tasks.engine.workshop import workshop

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Summary:
    """What a run did. ``incomplete`` names the tasks asked for that do not exist after it."""

    run: str
    outcomes: list[Outcome] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    status: str = ""

    @property
    def built(self) -> list[Outcome]:
        """Tasks whose recipe ran."""
        return [one for one in self.outcomes if one.outcome == "built"]

    @property
    def reused(self) -> list[Outcome]:
        """Tasks that were due, and for which an equal artifact was found once inputs were known."""
        return [one for one in self.outcomes if one.outcome == "reused"]

    @property
    def failed(self) -> list[Outcome]:
        """Tasks whose recipe raised."""
        return [one for one in self.outcomes if one.outcome == "failed"]

    @property
    def succeeded(self) -> bool:
        """Whether everything asked for exists now; Luigi's own word is not taken for it."""
        return not self.incomplete


def build(tasks: list[luigi.Task], run: str | None = None, **luigi_options: Any) -> Summary:
    """As ``luigi.build``, then asks every task again whether it is complete.

    Begins a new run (of that name, where the ledger has opened one): nothing remembered of an
    earlier one in this process is believed.
    """
    fresh = [type(task)(**task.param_kwargs) for task in _forgotten(tasks, run)]
    options = {"local_scheduler": True, "detailed_summary": True, **luigi_options}
    result = luigi.build(fresh, **options)
    outcomes = workshop().log.outcomes()
    incomplete = [str(task) for task in fresh if not is_complete(task)]
    return Summary(runs.current(), outcomes, incomplete, result.status.name)


def is_complete(task: luigi.Task) -> bool:
    """Ask a task afresh; one that cannot tell is not complete, and says why in the log."""
    try:
        return bool(task.complete())
    except EngineError as error:
        logger.error("%s: %s", task, error)
        return False


def _forgotten(tasks: list[luigi.Task], run: str | None) -> list[luigi.Task]:
    runs.begin(run or runs.new_run())
    Register.clear_instance_cache()
    return tasks


def fresh_walk() -> Walk:
    """A new look at the store and the sources."""
    return Walk(workshop())
