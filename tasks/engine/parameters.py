"""Luigi's parameters, at the cost of a dictionary where all of them are given.

Making a task again, as every `requires` does, Luigi goes through its settings and builds the words
of an error that does not occur; a night makes each task three times. Here that is done once
for each class. Whatever is out of the ordinary (a default, a wrong name) is left to Luigi.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from hashlib import md5
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

import luigi
from luigi.parameter import ParameterVisibility
from luigi.task import (
    TASK_ID_INCLUDE_PARAMS,
    TASK_ID_INVALID_CHAR_REGEX,
    TASK_ID_TRUNCATE_HASH,
    TASK_ID_TRUNCATE_PARAMS,
)

Values = list[tuple[str, Any]]
Texts = list[tuple[str, Callable[[Any], str]]]

#: Types of values that Luigi leaves as they are.
_PLAIN = frozenset({str, int, float, bool, dt.date, type(None)})


class Given:
    """How the values of one class are put in order when all of them are given."""

    def __init__(self, parameters: list[tuple[str, luigi.Parameter]]):
        self._names = [name for name, _ in parameters]
        self._positional = [name for name, one in parameters if one.positional]
        self._normalized = {
            name: one.normalize for name, one in parameters
            if type(one).normalize is not luigi.Parameter.normalize
        }

    def values(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Values | None:
        """Names and values in order; None unless each is given once, by its own name."""
        names, given = self._names, len(args) + len(kwargs)
        if given != len(names):
            return None
        if kwargs or self._positional != names:
            known = dict(zip(self._positional, args, strict=False), **kwargs)
            if known.keys() != set(names):
                return None
            args = [known[name] for name in names]
        if self._normalized:
            ways = self._normalized
            args = [ways[name](value) if name in ways else value
                    for name, value in zip(names, args, strict=True)]
        if _PLAIN.issuperset(map(type, args)):
            return list(zip(names, args, strict=True))
        return [(name, tuple(value) if isinstance(value, (list, set)) else value)
                for name, value in zip(names, args, strict=True)]


class Parameters:
    """The part of an engine's task that Luigi asks for its parameters."""

    param_kwargs: dict[str, Any]

    _parameters: list[tuple[str, luigi.Parameter]]
    _given: Given | None
    _texts: dict[tuple[bool, bool], Texts]

    def __init__(self, *args: Any, **kwargs: Any):
        # All that Luigi's own does, with the same id; a test compares.
        values = self.get_param_values(self.get_params(), args, kwargs)
        vars(self).update(values)
        self.param_kwargs = dict(values)
        self._warn_on_wrong_param_types()  # type: ignore[attr-defined]
        self.task_id = id_of(
            self.get_task_family(), self.to_str_params(True, True))  # type: ignore[attr-defined]
        self._Task__hash = hash(self.task_id)
        self.set_tracking_url = self.set_status_message = self.set_progress_percentage = None

    @classmethod
    def get_params(cls) -> list[tuple[str, luigi.Parameter]]:
        """Luigi's list of parameters, searched for once per class instead of at every use."""
        if "_parameters" not in cls.__dict__:
            cls._given, cls._texts = None, {}
            cls._parameters = super().get_params()  # type: ignore[misc]
        return cls._parameters

    @classmethod
    def get_param_values(cls, params: Any, args: Any, kwargs: dict[str, Any]) -> Values:
        """Names and values, in order; by Luigi's own way unless every parameter is given."""
        if params is cls._parameters and cls._given is not None:
            values = cls._given.values(args, kwargs)
            if values is not None:
                return values
        found = super().get_param_values(params, args, kwargs)  # type: ignore[misc]
        if params is cls._parameters:
            # From now on Luigi would look for nothing new in its settings.
            cls._given = Given(params)
        return found

    def to_str_params(
        self, only_significant: bool = False, only_public: bool = False
    ) -> dict[str, str]:
        """Parameters as text."""
        asked = only_significant, only_public
        ways = self._texts.get(asked)
        if ways is None:
            ways = self._texts[asked] = [
                (name, one.serialize) for name, one in self.get_params()
                if (one.significant or not only_significant)
                and (one.visibility == ParameterVisibility.PUBLIC or not only_public)
                and one.visibility != ParameterVisibility.PRIVATE
            ]
        values = self.param_kwargs
        return {name: serialize(values[name]) for name, serialize in ways}


def id_of(family: str, texts: dict[str, str]) -> str:
    """Luigi's id of a task (`luigi.task.task_id_str`), without making a JSON encoder for it."""
    names = sorted(texts)
    pairs = ",".join([f"{quoted(name)}:{quoted(texts[name])}" for name in names])
    digest = md5(f"{{{pairs}}}".encode(), usedforsecurity=False).hexdigest()[:TASK_ID_TRUNCATE_HASH]
    shown = "_".join([texts[name][:TASK_ID_TRUNCATE_PARAMS]
                      for name in names[:TASK_ID_INCLUDE_PARAMS]])
    return f"{family}_{TASK_ID_INVALID_CHAR_REGEX.sub('_', shown)}_{digest}"
