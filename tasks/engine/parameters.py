"""Luigi's parameters, at the cost of a dictionary where all of them are given.

Making a task again, as every `requires` does, Luigi goes through its settings and builds the words
of an error that does not occur; a night makes each task three times. Here that is done once
for each class. Whatever is out of the ordinary (a default, a wrong name) is left to Luigi.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import luigi
from luigi.parameter import ParameterVisibility
from luigi.task_register import Register

from tasks.engine.task_ids import Ids, Texts

Values = list[tuple[str, Any]]

#: Types of values that Luigi leaves as they are.
_PLAIN = frozenset({str, int, float, bool, dt.date, type(None)})

#: What Luigi asks for the texts of: significant parameters only, public ones only.
_ASKED = [(False, False), (False, True), (True, False), (True, True)]


class Given:
    """How the values of one class are put in order when all of them are given."""

    def __init__(self, parameters: list[tuple[str, luigi.Parameter]]):
        self._names = [name for name, _ in parameters]
        self.count = len(parameters)
        self._positional = [name for name, one in parameters if one.positional]
        self._normalized = {
            name: one.normalize for name, one in parameters
            if type(one).normalize is not luigi.Parameter.normalize
        }
        base = luigi.Parameter._warn_on_wrong_param_type
        #: Parameters that look at the type of what they are given; those of most types never do.
        self.warning = [
            (name, one._warn_on_wrong_param_type) for name, one in parameters
            if type(one) is luigi.Parameter or type(one)._warn_on_wrong_param_type is not base
        ]

    def values(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Values | None:
        """Names and values in order; None unless each is given once, by its own name."""
        names = self._names
        if len(args) + len(kwargs) != self.count:
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


class Once(Register):
    """Makes a task, or finds the one there is; quickly when all is given as it was before."""

    def __call__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - a class of classes
        """The task of these parameters: as with Luigi, there is only one of them."""
        made = cls._Register__instance_cache
        if made is None:
            return super().__call__(*args, **kwargs)
        given = (args, cls, *kwargs.items())  # not of the shape of Luigi's own key
        try:
            if (known := made.get(given)) is not None:
                return known
            values = cls.get_param_values(cls.get_params(), args, kwargs)
            key = (cls, tuple(values))
            known = made.get(key)
        except TypeError:  # a list is given, which has no hash: Luigi knows what to do
            return super().__call__(*args, **kwargs)
        if known is None:
            known = cls.__new__(cls, *args, **kwargs)
            known.param_kwargs = dict(values)
            known.__init__(*args, **kwargs)
            made[key] = known
        # A default is asked for each time: it can be another in the next moment.
        if cls._given.count == len(args) + len(kwargs):
            made[given] = known
        return known


class Parameters:
    """The part of an engine's task that Luigi asks for its parameters."""

    param_kwargs: dict[str, Any]
    task_id: str

    _parameters: list[tuple[str, luigi.Parameter]]
    _given: Given
    _is_checked: bool
    _texts: dict[tuple[bool, bool], Texts]
    _ids: Ids

    def __init__(self, *args: Any, **kwargs: Any):
        # All that Luigi's own does, with the same id; a test compares.
        known = vars(self)
        values = known.get("param_kwargs")
        if values is None:
            values = self.param_kwargs = dict(
                self.get_param_values(self.get_params(), args, kwargs))
        known.update(values)
        for name, warn in self._given.warning:
            warn(name, values[name])
        self.identify(self._ids.of(values))
        self._Task__hash = hash(self.task_id)
        self.set_tracking_url = self.set_status_message = self.set_progress_percentage = None

    def identify(self, plain: str) -> None:
        """Take Luigi's id of this task."""
        self.task_id = plain

    @classmethod
    def get_params(cls) -> list[tuple[str, luigi.Parameter]]:
        """Luigi's list of parameters, searched for once per class instead of at every use."""
        if "_parameters" not in cls.__dict__:
            cls._parameters = super().get_params()  # type: ignore[misc]
            cls._given, cls._is_checked = Given(cls._parameters), False
            cls._texts = {asked: _texts(cls._parameters, *asked) for asked in _ASKED}
            family = cls.get_task_family()  # type: ignore[attr-defined]
            cls._ids = Ids(family, cls._texts[True, True])
        return cls._parameters

    @classmethod
    def get_param_values(cls, params: Any, args: Any, kwargs: dict[str, Any]) -> Values:
        """Names and values, in order; by Luigi's own way unless every parameter is given."""
        if params is cls._parameters and cls._is_checked:
            values = cls._given.values(args, kwargs)
            if values is not None:
                return values
        found = super().get_param_values(params, args, kwargs)  # type: ignore[misc]
        # From now on Luigi would look for nothing new in its settings.
        cls._is_checked = True
        return found

    def to_str_params(
        self, only_significant: bool = False, only_public: bool = False
    ) -> dict[str, str]:
        """Parameters as text."""
        values = self.param_kwargs
        ways = self._texts[only_significant, only_public]
        return {name: serialize(values[name]) for name, serialize in ways}


def _texts(parameters: list[tuple[str, luigi.Parameter]], significant: bool, public: bool) -> Texts:
    """The parameters that are asked for, and how each becomes text."""
    return [(name, one.serialize) for name, one in parameters
            if (one.significant or not significant)
            and (one.visibility == ParameterVisibility.PUBLIC or not public)
            and one.visibility != ParameterVisibility.PRIVATE]
