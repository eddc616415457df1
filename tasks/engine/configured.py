"""A section of ``luigi.cfg`` as a dataclass: type, default and meaning of a setting, said once.

::

    class Retention(Section, section="retention"):
        \"\"\"What ``setlist gc`` keeps.\"\"\"

        nights: int = setting(7, "the newest nights are kept")

``Retention.read()`` gives the values of the present configuration; the tables of
``docs/configuration.md`` are made from the same declarations.
"""

import dataclasses
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Self, dataclass_transform

from luigi import configuration

from tasks.engine.errors import EngineError


class Misconfigured(EngineError):
    """A setting of ``luigi.cfg`` cannot be used."""


def setting(default: Any, meaning: str, name: str = "", shown: str = "") -> Any:
    """A field of a section: its default and its meaning.

    ``name`` is what the file calls it, where that is not the field's name; ``shown`` is how the
    page shows the default.
    """
    about = {"meaning": meaning, "name": name, "shown": shown}
    return dataclasses.field(default=default, metadata=about)


@dataclass_transform(frozen_default=True, field_specifiers=(setting,))
class Section:
    """Base of the sections; a subclass names its own and lists its settings as fields."""

    section: ClassVar[str]
    passed_on: ClassVar[str] = ""
    """How further settings begin that are another program's, and are passed on to it."""

    def __init_subclass__(cls, section: str):
        cls.section = section
        dataclasses.dataclass(frozen=True)(cls)

    @classmethod
    def read(cls) -> Self:
        """What the configuration says; an empty value is as good as none.

        Raises `Misconfigured` for a value of another type.
        """
        text, kinds = dict(written(cls.section, raw=False)), typing.get_type_hints(cls)
        return cls(**{field.name: _read(cls.section, name, kinds[field.name], text[name])
                      for name, field in settings_of(cls).items() if text.get(name)})  # fmt: skip


def settings_of(section: type[Section]) -> dict[str, dataclasses.Field[Any]]:
    """The settings of a section by the names they have in the file, as they were declared."""
    fields = dataclasses.fields(section)  # type: ignore[arg-type]
    return {field.metadata["name"] or field.name: field for field in fields}


def written(section: str, raw: bool = True) -> tuple[tuple[str, str], ...]:
    """A section as it stands in the settings: what cached answers about it are valid for.

    Luigi takes a tenth of a millisecond to look a setting up, and a night asks thousands of times.
    """
    config = configuration.get_config()
    return tuple(config.items(section, raw=raw)) if config.has_section(section) else ()


def words(text: str) -> tuple[str, ...]:
    """What is separated by spaces or commas."""
    return tuple(text.replace(",", " ").split())


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, words(text)))


_KINDS: dict[Any, tuple[Callable[[str], Any], str]] = {
    str: (str, "text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    Path: (Path, "a path"),
    tuple[str, ...]: (words, "words"),
    tuple[float, ...]: (_numbers, "numbers with spaces between them"),
}


def _read(section: str, name: str, kind: Any, text: str) -> Any:
    parse, expected = _KINDS[kind]
    try:
        return parse(text)
    except ValueError as error:
        raise Misconfigured(f"[{section}] {name} is {text!r}; it must be {expected}.") from error
