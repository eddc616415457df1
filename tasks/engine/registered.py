"""Registries: tables of functions that are filled while modules are imported.

A table filled by decorators, or by subclasses that enter themselves, does not say in its own
source what it holds. So it is asked in this process, which runs what the table holds.
"""

import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

_DEEPEST = 3


def held_by(module: str, name: str, is_ours: Callable[[str], bool]) -> list[tuple[str, str]]:
    """``(module, name)`` of our functions and classes that a module's variable holds now."""
    loaded = sys.modules.get(module)
    value = vars(loaded).get(name) if loaded is not None else None
    found: dict[tuple[str, str], None] = {}
    _search(_parts(value, is_ours), is_ours, found, _DEEPEST)
    return sorted(found)


def _search(
    values: Iterable[Any], is_ours: Callable[[str], bool], found: dict[tuple[str, str], None],
    deeper: int,
) -> None:
    for value in values:
        if isinstance(value, (types.FunctionType, type)):
            place = value.__module__, value.__qualname__.partition(".")[0]
            if place[0] and place[1] != "<lambda>" and is_ours(place[0]):
                found[place] = None
        elif deeper:
            _search(_parts(value, is_ours), is_ours, found, deeper - 1)


def _parts(value: Any, is_ours: Callable[[str], bool]) -> Iterable[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if isinstance(value, type):
        return [one for one in vars(value).values() if isinstance(one, (dict, list, set))]
    if isinstance(value, types.FunctionType):
        # What `functools.singledispatch` makes keeps its branches here.
        return list(getattr(value, "registry", {}).values())
    if is_ours(type(value).__module__):
        return list(getattr(value, "__dict__", {}).values())
    return []
