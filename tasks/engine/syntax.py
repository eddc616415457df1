"""What a module's source says: its names, what defines them, and what each definition mentions.

Nothing is imported or run here. A *definition* is a top-level statement without comments,
formatting and docstrings; a *mention* is a dotted name it reads from outside itself. All of it is
plain data that JSON can hold, so that the same bytes are parsed once and not by every process.
"""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.engine.scope import Mention


@dataclass(frozen=True)
class Import:
    """``import module`` (``attribute`` None) or ``from module import attribute``."""

    module: str
    attribute: str | None = None


@dataclass(eq=False)
class Definition:
    """One top-level statement."""

    digest: str
    """Hash of its syntax, without positions and docstrings."""
    file_read: int | None
    """The line on which it reads a file as soon as its module is imported."""
    mentions: tuple[Mention, ...]
    """Dotted names it reads from outside itself."""
    changes: tuple[str, ...]
    """Names that calling what is defined here may change."""
    literal: str | None
    """Type and value, when it gives one name a plain constant."""


@dataclass(eq=False)
class ModuleSyntax:
    """The top level of one source file."""

    name: str
    path: Path
    is_package: bool
    signature: tuple[int, int, int]
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    imports: dict[str, list[Import]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    everything: list[Definition] = field(default_factory=list)

    @functools.cached_property
    def changing(self) -> set[str]:
        """Names that the module's own functions may give another value."""
        return set().union(*[one.changes for one in self.everything])

    def absolute(self, module: str | None, level: int) -> str:
        """The full name of a possibly relative module (``from ..x import``)."""
        if level == 0:
            return module or ""
        parts = self.name.split(".")
        kept = parts[: len(parts) - level + (1 if self.is_package else 0)]
        return ".".join([*kept, module] if module else kept)


def signature_of(path: Path) -> tuple[int, int, int]:
    """What changes when a file is edited."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def read_module(
    name: str, path: Path, is_package: bool, signature: tuple[int, int, int],
    source: bytes, memory: dict[str, Any] | None = None,
) -> ModuleSyntax:
    """What a source file says, from ``memory`` or by parsing it; then the memory has it.

    Raises `SyntaxError` as Python would.
    """
    module = ModuleSyntax(name, path, is_package, signature)
    if memory:
        _recall(module, memory)
        return module
    from tasks.engine.parsing import parse

    parse(source, module)
    if memory is not None:
        memory.update(_told(module))
    return module


def _told(module: ModuleSyntax) -> dict[str, Any]:
    """A module as JSON can hold it; each definition once."""
    every = {id(one): one for known in [module.everything, *module.definitions.values()]
             for one in known}  # fmt: skip
    numbers = {identity: number for number, identity in enumerate(every)}
    return {
        "statements": [[one.digest, one.file_read, list(map(_packed, one.mentions)), one.changes,
                        one.literal] for one in every.values()],
        "definitions": {name: [numbers[id(one)] for one in known]
                        for name, known in module.definitions.items()},
        "imports": {name: [[link.module, link.attribute] for link in links]
                    for name, links in module.imports.items()},
        "stars": module.stars,
        "everything": [numbers[id(one)] for one in module.everything],
    }  # fmt: skip


def _recall(module: ModuleSyntax, told: dict[str, Any]) -> None:
    every = [Definition(digest, line, tuple(map(_unpacked, mentions)), tuple(changes), literal)
             for digest, line, mentions, changes, literal in told["statements"]]  # fmt: skip
    module.definitions = {name: [every[number] for number in numbers]
                          for name, numbers in told["definitions"].items()}  # fmt: skip
    module.imports = {name: [Import(*link) for link in links]
                      for name, links in told["imports"].items()}  # fmt: skip
    module.stars = list(told["stars"])
    module.everything = [every[number] for number in told["everything"]]


def _packed(mention: Mention) -> list[Any]:
    through = [mention.through.module, mention.through.attribute] if mention.through else None
    return [mention.chain, through, mention.hides, mention.line]


def _unpacked(told: list[Any]) -> Mention:
    chain, through, hides, line = told
    return Mention(tuple(chain), Import(*through) if through else None, hides, line)
