"""Run tasks through Luigi and tell the truth about how it ended."""

import atexit
import gc
import logging
from dataclasses import dataclass, field
from typing import Any

import luigi
from luigi import configuration
from luigi.execution_summary import LuigiRunResult
from luigi.rpc import RPCError
from luigi.task_register import Register
from luigi.task_status import DONE

from tasks.engine import runs
from tasks.engine.asking import one_look
from tasks.engine.errors import EngineError, SchedulerUnreachable
from tasks.engine.lean_scheduler import LeanFactory
from tasks.engine.run_file import without_login
from tasks.engine.runs import Outcome
from tasks.engine.settings import read_settings
from tasks.engine.spark_settings import refuse_unready
from tasks.engine.walk import Walk
from tasks.engine.workshop import workshop

logger = logging.getLogger(__name__)

# A process that ends has no use for searching thousands of tasks for garbage, as Python would.
atexit.register(gc.freeze)


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
    earlier one in this process is believed. Raises `SchedulerUnreachable` when the central
    scheduler does not answer, or stops answering.
    """
    refuse_unready(read_settings())
    fresh = [type(task)(**task.param_kwargs) for task in _forgotten(tasks, run)]
    options = {"local_scheduler": True, "detailed_summary": True,
               "worker_scheduler_factory": LeanFactory(), **luigi_options}
    try:
        result = luigi.build(fresh, **options)
    except RPCError as error:
        raise SchedulerUnreachable(_address(options), _cause(error)) from error
    outcomes = workshop().log.outcomes()
    incomplete = [] if _was_all_there(result) else _incomplete(fresh)
    return Summary(runs.current(), outcomes, incomplete, result.status.name)


def _was_all_there(result: LuigiRunResult) -> bool:
    """Whether Luigi found every task asked for complete, this instant, and so ran none."""
    return {status for _, status, _ in result.worker._add_task_history} == {DONE}


def _incomplete(tasks: list[luigi.Task]) -> list[str]:
    """The tasks that do not exist now, as one new look at the graph sees it."""
    with one_look():
        return [str(task) for task in tasks if not is_complete(task)]


def _address(options: dict[str, Any]) -> str:
    """Where the scheduler should be, without the password that may be in the address."""
    config = configuration.get_config()
    url = options.get("scheduler_url") or config.get(
        "core", "scheduler_url", f"http://{config.get('core', 'scheduler_host', 'localhost')}:"
        f"{config.get('core', 'scheduler_port', '8082')}")  # fmt: skip
    return without_login(url)


def _cause(error: RPCError) -> str:
    """The innermost words of an error that was wrapped several times, without addresses."""
    deepest: BaseException = error.sub_exception or error
    if (answer := getattr(deepest, "response", None)) is not None:
        return f"it answered {answer.status_code} {answer.reason}"
    while (inner := deepest.__cause__ or deepest.__context__) is not None:
        deepest = inner
    return getattr(deepest, "strerror", None) or type(deepest).__name__


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
