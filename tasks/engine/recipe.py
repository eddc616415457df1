"""A recipe: the function that would run, with its bound values, and the identity of both.

The thing that is hashed is the thing that is run, so identity and behaviour cannot part.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tasks.engine.errors import RecipeError
from tasks.engine.identity import digest_of, flatten, is_method, plain_text
from tasks.engine.reach import Place, Reach, Reader
from tasks.engine.start import start_of

#: Part of every key. Raise it when the engine itself would give other content for equal recipes.
SCHEMA = "1"


@dataclass(slots=True)
class Recipe:
    """What would run, part by part, and the hash of all parts."""

    function: str
    values: dict[str, str]
    code: dict[str, str]
    libraries: dict[str, str]
    digest: str
    run: Callable[..., Any] = field(compare=False)


class Cook:
    """Describes recipes; remembers each function's reach until a source file changes."""

    def __init__(self, reader: Reader):
        self.reader = reader
        self._reaches: dict[tuple[Any, ...], tuple[Reach, str]] = {}
        self._starts: dict[int, tuple[Any, list[Place], dict[str, str]]] = {}

    def refresh(self) -> None:
        """Look again at the source files read so far."""
        if self.reader.refresh():
            self._reaches.clear()

    def describe(self, whole: Callable[..., Any], inputs: Iterable[str] | None = None,
                 with_code: bool = True) -> Recipe:
        """The identity of a function or ``functools.partial``.

        Raises `RecipeError` when there is none, or when it cannot be called with ``inputs``.
        """
        function, bound = unwrap(whole)
        if inputs is not None:
            check_call(function, frozenset(inputs), frozenset(bound))
        values: dict[str, str] = {}
        roots: list[Place] = []
        if is_method(function):
            self._bind(function, "method", values, roots)
        else:
            self._start(function, "", values, roots)
        for name, value in bound.items():
            self._bind(value, name, values, roots)
        reach, code_digest = self._reach(roots) if with_code else (Reach({}, {}), "")
        name = f"{function.__module__}:{function.__qualname__}"
        pairs = [text for pair in values.items() for text in pair]
        digest = digest_of([SCHEMA, name, code_digest, *pairs])
        return Recipe(name, values, reach.code, reach.libraries, digest, whole)

    def _start(self, function: Any, at: str, values: dict[str, str], roots: list[Place]) -> None:
        known = self._starts.get(id(function))
        if known is None:
            closed: dict[str, str] = {}
            places: list[Place] = []
            # Keeping the function alive keeps its id its own; one that calls itself ends here.
            known = self._starts[id(function)] = (function, places, closed)
            places += start_of(
                function, lambda value, path: self._bind(value, path, closed, places)
            )
        for path, text in list(known[2].items()):  # one that calls itself adds to them
            values[f"{at}.{path}" if at else path] = text
        roots += known[1]

    def _bind(self, value: Any, path: str, values: dict[str, str], roots: list[Place]) -> None:
        text = plain_text(value)
        if text is not None and path not in values:
            values[path] = text
            return
        on_code = functools.partial(self._start, values=values, roots=roots)
        for at, text in flatten(value, path, on_code):
            values[at] = f"{values[at]} {text}" if at in values else text

    def _reach(self, roots: Iterable[Place]) -> tuple[Reach, str]:
        key = tuple(dict.fromkeys(roots))
        known = self._reaches.get(key)
        if known is None:
            followed = [place for place in key if self.reader.is_first_party(place[0])]
            reach = self.reader.reach(followed)
            for module, _ in key:
                if not self.reader.is_first_party(module):
                    self._add_library(module, reach)
            texts = [text for part in (reach.code, reach.libraries)
                     for pair in sorted(part.items()) for text in pair]
            known = self._reaches[key] = (reach, digest_of(texts))
        return known

    def _add_library(self, module: str, reach: Reach) -> None:
        from tasks.engine import distributions

        if not (distributions.is_standard(module) or distributions.is_engine(module)):
            reach.libraries.update([distributions.library_version(module)])


def unwrap(function: Any) -> tuple[Any, dict[str, Any]]:
    """Split nested partials into the innermost function and all values bound by name."""
    bound: dict[str, Any] = {}
    while isinstance(function, functools.partial):
        if function.args:
            raise RecipeError(
                f"{function.func.__qualname__} has values bound by position "
                f"({len(function.args)}); bind them by name, so that they can be explained."
            )
        bound = {**function.keywords, **bound}
        function = function.func
    if not callable(function) or not hasattr(function, "__qualname__"):
        raise RecipeError(
            f"recipe() must return a function or functools.partial of one, not {function!r}."
        )
    return function, bound


@functools.cache
def check_call(
    function: Callable[..., Any], inputs: frozenset[str], bound: frozenset[str]
) -> None:
    """Raise `RecipeError` unless a function can be called with exactly these names."""
    if clash := inputs & bound:
        raise RecipeError(
            f"{function.__qualname__}: {', '.join(sorted(clash))} is both an input and a value."
        )
    names = inputs | bound
    try:
        signature = inspect.signature(function)
    except ValueError:
        return  # some built-in functions do not tell
    try:
        signature.bind(**dict.fromkeys(names))
    except TypeError as error:
        raise RecipeError(
            f"{function.__qualname__}{signature} cannot be called with "
            f"{', '.join(sorted(names)) or 'nothing'}: {error}. The names of requires() and the "
            "values bound in recipe() together must be its parameters."
        ) from None


@functools.cache
def wants_path(function: Callable[..., Any], name: str) -> bool:
    """Whether a parameter is annotated as a path: it then gets a place, not a value."""
    try:
        parameter = inspect.signature(function).parameters.get(name)
    except ValueError:
        return False
    if parameter is None:
        return False
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    inner = str(annotation)
    return text.rpartition(".")[2] == "Path" or "[pathlib.Path]" in inner or "[Path]" in inner
