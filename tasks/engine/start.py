"""Where reading a function begins: the place in the source that makes it what it is."""

import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

from tasks.engine.errors import RecipeError
from tasks.engine.identity import is_named
from tasks.engine.reach import Place


def start_of(function: Any, value_of: Callable[[Any, str], None]) -> list[Place]:
    """Where to start reading a function or class.

    One that its name, or a variable of its module, stands for is read there. One that another
    function made is known by that function and by what it closes over, of which ``value_of``
    is told. Raises `RecipeError` for one that nothing names.
    """
    module, name = function.__module__, function.__qualname__.partition(".")[0]
    if module is None:
        return []
    if is_named(function):
        return [(module, name)]
    for variable, value in vars(sys.modules.get(module, types)).items():
        if value is function:
            return [(module, variable)]
    if isinstance(function, types.FunctionType):
        return [_maker_of(function, value_of)]
    if hasattr(function, "__wrapped__"):
        value_of(function.__wrapped__, "wrapped")
        return [(type(function).__module__, type(function).__name__)]
    if "<locals>" in function.__qualname__:
        raise RecipeError(_nameless(module, function.__qualname__))
    return [(module, name)]


def _maker_of(function: types.FunctionType, value_of: Callable[[Any, str], None]) -> Place:
    code, module = function.__code__, function.__globals__["__name__"]
    name = code.co_qualname.partition(".")[0]
    if "<locals>" not in code.co_qualname and name != "<lambda>":
        return module, name
    maker = inspect.unwrap(vars(sys.modules[module]).get(name))  # type: ignore[arg-type]
    if not isinstance(maker, types.FunctionType):
        raise RecipeError(_nameless(module, code.co_qualname))
    for variable, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        value_of(cell.cell_contents, f"closure.{variable}")
    for variable, value in _defaults(function).items():
        value_of(value, f"default.{variable}")
    alike = [one for one in _codes_in(maker.__code__) if one.co_qualname == code.co_qualname]
    if len(alike) > 1:
        value_of([one is code for one in alike].index(True), "which")
    return module, name


def _defaults(function: types.FunctionType) -> dict[str, Any]:
    parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not one.empty}


def _codes_in(code: types.CodeType) -> list[types.CodeType]:
    inner = [one for one in code.co_consts if isinstance(one, types.CodeType)]
    return inner + [deep for one in inner for deep in _codes_in(one)]


def _nameless(module: str, name: str) -> str:
    what = "a lambda" if "<lambda>" in name else name
    return (
        f"{what} in {module} ({name}) has no name by which it could be recognised in another "
        "process; write it as a function or class at the top level of a module."
    )
