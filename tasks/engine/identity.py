"""Identity: the one place where things become hashes.

Everything hashed is a sequence of texts, each prefixed by its length, so two different
structures can never run together into the same bytes. Values are flattened into
``(path, text)`` pairs first: the same pairs make the hash and the explanation.
"""

import dataclasses
import datetime as dt
import decimal
import enum
import functools
import hashlib
import pathlib
import sys
import types
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tasks.engine.errors import RecipeError

KEY_LENGTH = 32

Pairs = Iterator[tuple[str, str]]
OnCode = Callable[[Any, str], None]


def digest_of(texts: Iterable[str]) -> str:
    """Hash a sequence of texts; 32 hexadecimal digits (128 bits of SHA-256).

    >>> digest_of(["ab", "c"]) == digest_of(["a", "bc"])
    False
    """
    joined = "".join([f"{len(text)}:{text}" for text in texts])
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:KEY_LENGTH]


def flatten(value: Any, path: str, on_code: OnCode) -> Pairs:
    """Yield ``(path, text)`` for every part of a bound value.

    ``on_code`` is told of each function and class met on the way (and of the path it was met
    at), whose code is then part of the identity too. Raises `RecipeError` for a value whose
    identity cannot be known.
    """
    text = plain_text(value)
    if text is not None:
        yield path, text
    else:
        yield from _structure(value, path, on_code)


def plain_text(value: Any) -> str | None:
    """What a value without parts is hashed as; None for any other."""
    rule = _RULES.get(type(value))
    return None if rule is None else f"{type(value).__name__} {rule(value)}"


_RULES: dict[type, Callable[[Any], str]] = {
    type(None): str,
    bool: str,
    int: str,
    float: repr,
    complex: repr,
    str: str,
    bytes: lambda value: hashlib.sha256(value).hexdigest(),
    dt.date: str,
    dt.time: str,
    dt.datetime: lambda value: value.isoformat(),
    dt.timedelta: str,
    decimal.Decimal: str,
    uuid.UUID: str,
    range: repr,
    type(...): str,
}


_CODE = (types.FunctionType, types.BuiltinFunctionType, type)


def _structure(value: Any, path: str, on_code: OnCode) -> Pairs:
    if hasattr(type(value), "__fingerprint__"):
        yield path, f"{_name(type(value))} {value.__fingerprint__()}"
        on_code(type(value), path)
    elif isinstance(value, functools.partial):
        yield path, "partial"
        yield from flatten(value.func, f"{path}.function", on_code)
        yield from flatten(value.args, f"{path}.positional", on_code)
        yield from flatten(dict(value.keywords), path, on_code)
    elif isinstance(value, types.MethodType):
        yield path, f"method {value.__func__.__qualname__}"
        on_code(value.__func__, path)
        yield from flatten(value.__self__, f"{path}.self", on_code)
    elif isinstance(value, _CODE) or is_named(value):
        yield path, f"code {_name(value)}"
        on_code(value, path)
        if isinstance(value, types.BuiltinFunctionType) and is_method(value):
            yield from flatten(value.__self__, f"{path}.self", on_code)
    elif isinstance(value, enum.Enum):
        yield path, f"{_name(type(value))} {value.name}"
        on_code(type(value), path)
    elif dataclasses.is_dataclass(value):
        yield path, f"dataclass {_name(type(value))}"
        on_code(type(value), path)
        for entry in dataclasses.fields(value):
            yield from flatten(getattr(value, entry.name), f"{path}.{entry.name}", on_code)
    elif isinstance(value, Mapping):
        yield path, f"{_kind(value, path, on_code)} of {len(value)}"
        for position, (key, item) in enumerate(value.items()):
            if type(key) is str:
                yield from flatten(item, f"{path}.{key}", on_code)
            else:
                yield from flatten(key, f"{path}.keys[{position}]", on_code)
                yield from flatten(item, f"{path}[{_shown(key)}]", on_code)
    elif isinstance(value, (list, tuple)):
        yield path, f"{_kind(value, path, on_code)} of {len(value)}"
        for position, item in enumerate(value):
            yield from flatten(item, f"{path}[{position}]", on_code)
    elif isinstance(value, (set, frozenset)):
        yield path, f"{_kind(value, path, on_code)} of {len(value)}"
        for text in sorted(digest_of(sum(flatten(item, "", on_code), ())) for item in value):
            yield path, text
    elif isinstance(value, pathlib.PurePath):
        raise RecipeError(
            f"{path} is a path ({value}). A path says nothing about what the file holds: "
            "make it a SourceTask in requires(), or bind str(path) if only the text matters."
        )
    else:
        yield path, _plain(value, path, on_code) or _array(value, path)


def is_named(thing: Any) -> bool:
    """Whether a function or class is what its own module and name stand for."""
    found: Any = sys.modules.get(getattr(thing, "__module__", None) or "")
    for name in getattr(thing, "__qualname__", "").split("."):
        found = getattr(found, name, None)
    return found is thing and thing is not None


def is_method(function: Any) -> bool:
    """Whether a function is bound to an object (a module's own functions do not count)."""
    owner = getattr(function, "__self__", None)
    return owner is not None and not isinstance(owner, types.ModuleType)


def _kind(value: Any, path: str, on_code: OnCode) -> str:
    """The type of a value; a class of someone's own brings its code."""
    if type(value).__module__ != "builtins":
        on_code(type(value), path)
    return _name(type(value))


def _shown(key: Any) -> str:
    return _name(key) if isinstance(key, _CODE) else repr(key)


def _plain(value: Any, path: str, on_code: OnCode) -> str | None:
    """Subclasses of plain types (a ``Timestamp`` is a ``datetime``) count as themselves."""
    for kind in (dt.datetime, dt.date, str, int, float):
        if isinstance(value, kind):
            return f"{_kind(value, path, on_code)} {_RULES[kind](value)}"
    return None


def _array(value: Any, path: str) -> str:
    """Numpy scalars and arrays, recognised without importing numpy."""
    is_numpy = type(value).__module__ == "numpy" and hasattr(value, "tobytes")
    if is_numpy and not value.dtype.hasobject:
        content = hashlib.sha256(value.tobytes()).hexdigest()
        return f"{_name(type(value))} {value.dtype} {value.shape} {content}"
    raise RecipeError(
        f"{path} is a {_name(type(value))}, whose identity cannot be known. Bind plain values "
        "(numbers, text, dates, dataclasses, functions), or make it an input in requires()."
    )


def _name(thing: Any) -> str:
    module = getattr(thing, "__module__", "") or ""
    name = getattr(thing, "__qualname__", repr(thing))
    return name if module == "builtins" else f"{module}:{name}"
