"""Everything a function's behaviour depends on: the code it reaches, across modules.

First-party code is followed statement by statement; what comes from an installed distribution
counts by that distribution's version; Python counts by its own.
"""

import functools
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.engine import distributions
from tasks.engine.errors import HiddenCode, RecipeError
from tasks.engine.freshness import refuse_edited
from tasks.engine.scope import BUILTINS, Mention
from tasks.engine.syntax import Definition, Import, ModuleSyntax, read_module

#: ``(module, name)`` of a definition, or ``(module, "*")`` for a whole module.
Place = tuple[str, str]


@dataclass(frozen=True)
class Reach:
    """What was reached: code digests by ``module:name``, and versions by distribution."""

    code: dict[str, str]
    libraries: dict[str, str]


class Reader:
    """Reads first-party source; one per process and set of first-party packages."""

    def __init__(self, first_party: tuple[str, ...] = ()):
        self.first_party = first_party
        self._modules: dict[str, ModuleSyntax] = {}
        self._direct: dict[Place, tuple[str, list[Place], list[str]]] = {}

    def reach(self, roots: list[Place]) -> Reach:
        """Follow every mention from ``roots`` to its end."""
        code: dict[str, str] = {}
        libraries = {"python": "{}.{}".format(*sys.version_info)}
        waiting, seen = list(roots), set(roots)
        while waiting:
            place = waiting.pop()
            digest, onward, foreign = self._look_at(place)
            code[":".join(place)] = digest
            for module in foreign:
                libraries.update([distributions.library_version(module)])
            waiting += [found for found in onward if found not in seen]
            seen.update(onward)
        return Reach(dict(sorted(code.items())), dict(sorted(libraries.items())))

    def refresh(self) -> bool:
        """Forget everything if a file read so far has changed; say whether one had."""
        changed = any(_signature(module.path) != module.signature
                      for module in self._modules.values())
        if changed:
            self._modules.clear()
            self._direct.clear()
            distributions.find_module.cache_clear()
        return changed

    def module(self, name: str) -> ModuleSyntax:
        """The syntax of a first-party module. Raises `RecipeError` when it has no source."""
        if name not in self._modules:
            self._modules[name] = _read(name)
        return self._modules[name]

    def is_first_party(self, module: str) -> bool:
        """Listed in the setting, or installed by no distribution and not part of Python."""
        if any(module == one or module.startswith(one + ".") for one in self.first_party):
            return True
        if distributions.is_standard(module):
            return False
        return distributions.version_of(module) is None

    def _look_at(self, place: Place) -> tuple[str, list[Place], list[str]]:
        if place not in self._direct:
            self._direct[place] = self._read_place(place)
        return self._direct[place]

    def _read_place(self, place: Place) -> tuple[str, list[Place], list[str]]:
        module = self.module(place[0])
        definitions = self._definitions(module, place[1])
        refuse_edited(module, definitions)
        onward: list[Place] = []
        foreign: list[str] = []
        for definition in definitions:
            for mention in definition.mentions:
                self._follow(module, mention, onward, foreign)
        digest = "+".join(definition.digest for definition in definitions)
        return digest, list(dict.fromkeys(onward)), list(dict.fromkeys(foreign))

    def _definitions(self, module: ModuleSyntax, name: str) -> list[Definition]:
        return module.everything if name == "*" else module.definitions[name]

    def _follow(
        self, module: ModuleSyntax, mention: Mention, onward: list[Place], foreign: list[str]
    ) -> None:
        before = len(onward)
        if mention.through is not None:
            self._imported(mention.through, mention.chain, onward, foreign)
        else:
            self._named(module, mention.chain, onward, foreign)
        if mention.hides and self._hides_code(mention, onward[before:]):
            raise HiddenCode(f"{module.path}:{mention.line}", mention.hides)

    def _hides_code(self, mention: Mention, reached: list[Place]) -> bool:
        """A computed ``getattr`` matters on our modules and classes, not on a local object."""
        return bool(reached) or not (mention.hides or "").startswith("getattr")

    def _named(
        self, module: ModuleSyntax, chain: tuple[str, ...], onward: list[Place], foreign: list[str]
    ) -> None:
        name = chain[0]
        if name in module.definitions:
            onward.append((module.name, name))
            if name in module.imports:
                self._imported(module.imports[name], chain[1:], onward, foreign)
        elif name in module.imports:
            self._imported(module.imports[name], chain[1:], onward, foreign)
        elif name not in BUILTINS or module.stars:
            self._starred(module, chain, onward, foreign)

    def _starred(
        self, module: ModuleSyntax, chain: tuple[str, ...], onward: list[Place], foreign: list[str]
    ) -> None:
        for star in module.stars:
            if not self.is_first_party(star):
                self._library(star, foreign)
            elif self._binds(self.module(star), chain[0]):
                return self._named(self.module(star), chain, onward, foreign)
        if chain[0] not in BUILTINS and not module.stars:
            # Made in a way we cannot see: the whole module is the smallest honest answer.
            onward.append((module.name, "*"))
        return None

    def _binds(self, module: ModuleSyntax, name: str) -> bool:
        return (
            name in module.definitions
            or name in module.imports
            or any(self.is_first_party(star) and self._binds(self.module(star), name)
                   for star in module.stars)
        )

    def _imported(
        self, link: Import, chain: tuple[str, ...], onward: list[Place], foreign: list[str]
    ) -> None:
        if not self.is_first_party(link.module):
            self._library(".".join([link.module, link.attribute] if link.attribute else
                                   [link.module, *chain]), foreign)
            return
        rest = (link.attribute, *chain) if link.attribute else chain
        module = self.module(link.module)
        if not rest:
            onward.append((module.name, "*"))
        elif self._binds(module, rest[0]) or not distributions.find_module(
            f"{link.module}.{rest[0]}"
        ):
            self._named(module, rest, onward, foreign)
        else:
            self._imported(Import(f"{link.module}.{rest[0]}"), rest[1:], onward, foreign)

    def _library(self, module: str, foreign: list[str]) -> None:
        if not distributions.is_standard(module):
            foreign.append(module)


def _signature(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read(name: str) -> ModuleSyntax:
    loaded = sys.modules.get(name)
    spec = getattr(loaded, "__spec__", None) or distributions.find_module(name)
    origin = getattr(loaded, "__file__", None) or (spec.origin if spec else None)
    if spec is not None and origin is None and spec.submodule_search_locations:
        place = Path(next(iter(spec.submodule_search_locations)))
        return ModuleSyntax(name, place, True, _signature(place))
    if not origin or not origin.endswith(".py"):
        raise RecipeError(f"module {name} has no Python source ({origin or 'not found'})")
    is_package = Path(origin).name == "__init__.py"
    return read_module(name, Path(origin), is_package, _signature(Path(origin)))


def start_of(function: Any, value_of: Callable[[Any, str], None]) -> list[Place]:
    """Where to start reading a function, class or decorated function.

    ``value_of`` is told of every value a wrapper closes over. Raises `RecipeError` for a
    lambda or a function defined inside another, which have no name to be found by.
    """
    if isinstance(function, types.BuiltinFunctionType):
        return []
    module, name = function.__module__, function.__qualname__.partition(".")[0]
    places = [(module, name)] if name != "<lambda>" else _named_lambda(function)
    inner = getattr(function, "__wrapped__", None)
    if inner is not None:
        places += start_of(inner, value_of)
    elif "<locals>" in function.__qualname__ and isinstance(function, types.FunctionType):
        _refuse_nameless(function)
        for variable, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            value_of(cell.cell_contents, f"closure.{variable}")
    return places


def _named_lambda(function: Any) -> list[Place]:
    module = sys.modules[function.__module__]
    for name, value in vars(module).items():
        if value is function:
            return [(module.__name__, name)]
    raise RecipeError(
        f"a lambda in {module.__name__} (line {function.__code__.co_firstlineno}) has no name "
        "to be recognised by; write it as a function at the top level of a module."
    )


def _refuse_nameless(function: types.FunctionType) -> None:
    owner = vars(sys.modules[function.__module__]).get(function.__qualname__.partition(".")[0])
    if not callable(owner) or isinstance(owner, type):
        raise RecipeError(
            f"{function.__module__}.{function.__qualname__} is defined inside a method; "
            "write it as a function at the top level of a module."
        )


@functools.cache
def reader(first_party: tuple[str, ...]) -> Reader:
    """The process's reader for a setting of first-party packages."""
    return Reader(first_party)
