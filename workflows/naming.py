"""From a name on the command line to a task with its parameters."""

import difflib
import importlib
from collections.abc import Sequence
from typing import Any

import luigi
from luigi.task_register import Register, TaskClassAmbigiousException

from tasks.engine import ArtifactTask
from workflows.arguments import WORKFLOWS


class UnknownName(Exception):
    """No task, or no parameter of it, has the name that was asked for."""


def find_task(name: str, parameters: list[str], modules: list[str]) -> luigi.Task:
    """The task of that name with ``--parameter value`` pairs read by Luigi's own rules.

    A missing ``day`` is the newest day of the source. Raises `UnknownName`.
    """
    kind = _find_class(name, modules)
    given = _pairs(parameters)
    known = dict(kind.get_params())
    strange = sorted(given.keys() - known.keys())
    if strange:
        raise UnknownName(
            f"{kind.__name__} has no parameter {', '.join(strange)}; it takes "
            f"{', '.join('--' + one for one in known) or 'none'}."
        )
    if "day" in known and "day" not in given and not known["day"].has_task_value(name, "day"):
        given["day"] = str(_newest_day())
    values = {one: _parsed(known[one], one, text) for one, text in given.items()}
    try:
        task = kind(**values)
    except luigi.parameter.MissingParameterException:
        raise UnknownName(_lacking(kind, known, given)) from None
    if isinstance(task, luigi.WrapperTask) and not task.deps():
        raise UnknownName(f"{task} has nothing to do: {_why_nothing(task)}")
    return task


def _lacking(kind: Any, known: dict[str, luigi.Parameter], given: dict[str, str]) -> str:
    lacking = [one for one in known if one not in given
               and not known[one].has_task_value(kind.__name__, one)]
    texts = []
    for one in lacking:
        choices = getattr(known[one], "_choices", None)
        texts.append(f"--{one}" + (f" ({', '.join(sorted(choices))})" if choices else ""))
    return f"{kind.__name__} needs {', '.join(texts)}."


def _why_nothing(task: Any) -> str:
    from tasks.feasible import families_left_out

    reasons = families_left_out(task.day) if hasattr(task, "day") else {}
    return "; ".join(f"{name}: {why}" for name, why in reasons.items()) or "it requires no task"


def every_task(modules: Sequence[str] = ()) -> list[str]:
    """The names of all tasks that can be run, of these modules or of the product."""
    import_tasks(modules)
    return [one for one in Register.task_names() if _is_runnable(one)]


def import_tasks(modules: Sequence[str] = ()) -> None:
    """Have every task of these modules, or of the product, known to Luigi by its name."""
    for module in modules or [module for module, _ in WORKFLOWS.values()]:
        importlib.import_module(module)


def _find_class(name: str, modules: list[str]) -> Any:
    import_tasks(modules)
    wanted = WORKFLOWS[name][1] if name in WORKFLOWS and not modules else name
    names = [one for one in Register.task_names() if one.lower() == wanted.lower()]
    if not names:
        ours = every_task(modules)
        near = difflib.get_close_matches(name, [*WORKFLOWS, *ours], n=3)
        raise UnknownName(
            f"no task is called {name!r}. {f'Did you mean {near[0]}? ' if near else ''}"
            f"Workflows: {', '.join(WORKFLOWS)}. Tasks: {', '.join(ours)}."
        )
    return Register.get_task_cls(names[0])


def _is_runnable(name: str) -> bool:
    """Whether a task says what it would run, and is not only there for others to build on."""
    try:
        kind = Register.get_task_cls(name)
    except TaskClassAmbigiousException:
        return False
    return issubclass(kind, ArtifactTask) and kind.recipe is not ArtifactTask.recipe


def _pairs(texts: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    waiting = list(texts)
    while waiting:
        name = waiting.pop(0)
        if not name.startswith("--"):
            raise UnknownName(f"expected --parameter value, found {name!r}.")
        name, equals, text = name[2:].partition("=")
        if not equals:
            if not waiting:
                raise UnknownName(f"--{name} needs a value.")
            text = waiting.pop(0)
        given[name.replace("-", "_")] = text
    return given


def _parsed(parameter: luigi.Parameter, name: str, text: str) -> Any:
    try:
        return parameter.parse(text)
    except ValueError as error:
        raise UnknownName(f"--{name} {text}: {error}") from None


def _newest_day() -> Any:
    from tasks.deployment import deployment

    return deployment().last_day
