"""What a module's source says: its names, what defines them, and what each definition mentions.

Nothing is imported or run here. A *definition* is a top-level statement without comments,
formatting and docstrings; a *mention* is a dotted name it reads from outside itself.
"""

import ast
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.engine.scope import Mention, mentions_of
from tasks.engine.statements import (
    DEFINITIONS,
    bound_names,
    called_names,
    changed_inside,
    changed_names,
    is_main_guard,
    is_text,
    statements,
    without_docstrings,
)


@dataclass(frozen=True)
class Import:
    """``import module`` (``attribute`` None) or ``from module import attribute``."""

    module: str
    attribute: str | None = None


@dataclass(eq=False)
class Definition:
    """One top-level statement: its digest and what it mentions, found out when asked."""

    node: ast.stmt
    module: "ModuleSyntax"

    @property
    def digest(self) -> str:
        """Hash of the statement's syntax, without positions and docstrings."""
        told: str = self._told("digest", self._digest)
        return told

    @property
    def file_read(self) -> int | None:
        """The line on which a statement reads a file as soon as its module is imported."""
        line: int | None = self._told("file read", self._file_read)
        return line

    @functools.cached_property
    def mentions(self) -> list[Mention]:
        """Dotted names the statement reads from outside itself."""
        told = self._told("mentions", lambda: list(map(_packed, self._mentions())))
        return [_unpacked(one) for one in told]

    @property
    def changes(self) -> set[str]:
        """Names that calling what is defined here may change."""
        return set(self._told("changes", lambda: sorted(changed_inside(self.node))))

    def _told(self, what: str, find_out: Callable[[], Any]) -> Any:
        """An answer that follows from the source alone, if the module's memory has it."""
        node = self.node.value if isinstance(self.node, ast.Expr) else self.node
        at = f"{what} {type(self.node).__name__} {node.lineno}:{node.col_offset}"
        if at not in self.module.memory:
            self.module.memory[at] = find_out()
        return self.module.memory[at]

    def _digest(self) -> str:
        return hashlib.sha256(ast.dump(without_docstrings(self.node)).encode()).hexdigest()[:16]

    def _file_read(self) -> int | None:
        if isinstance(self.node, DEFINITIONS):
            return None
        for inner in ast.walk(self.node):
            called = inner.func if isinstance(inner, ast.Call) else None
            if getattr(called, "id", getattr(called, "attr", "")) in _READING:
                return called.lineno  # type: ignore[union-attr]
        return None

    def _mentions(self) -> list[Mention]:
        return mentions_of(self.node, self.module.imports_of)


def _packed(mention: Mention) -> list[Any]:
    """A mention as JSON can hold it."""
    through = [mention.through.module, mention.through.attribute] if mention.through else None
    return [mention.chain, through, mention.hides, mention.line]


def _unpacked(told: list[Any]) -> Mention:
    chain, through, hides, line = told
    return Mention(tuple(chain), Import(*through) if through else None, hides, line)


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
    memory: dict[str, Any] = field(default_factory=dict)
    """What is known of its statements already, from `SyntaxMemory`."""

    @functools.cached_property
    def changing(self) -> set[str]:
        """Names that the module's own functions may give another value."""
        return set().union(*[one.changes for one in self.everything])

    def imports_of(self, node: ast.stmt) -> dict[str, Import]:
        """The names an import statement binds (empty for ``import *`` and other statements)."""
        if isinstance(node, ast.Import):
            return dict(_plain_import(alias) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = self.absolute(node.module, node.level)
            return {alias.asname or alias.name: Import(module, alias.name)
                    for alias in node.names if alias.name != "*"}
        return {}

    def absolute(self, module: str | None, level: int) -> str:
        """The full name of a possibly relative module (``from ..x import``)."""
        if level == 0:
            return module or ""
        parts = self.name.split(".")
        kept = parts[: len(parts) - level + (1 if self.is_package else 0)]
        return ".".join([*kept, module] if module else kept)


def _plain_import(alias: ast.alias) -> tuple[str, Import]:
    if alias.asname:
        return alias.asname, Import(alias.name)
    return alias.name.partition(".")[0], Import(alias.name.partition(".")[0])


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
    """Parse a source file of which ``memory`` is known. Raises `SyntaxError` as Python would."""
    told = {} if memory is None else memory
    module = ModuleSyntax(name, path, is_package, signature, memory=told)
    tree = ast.parse(source, str(path))
    for node in tree.body:
        _bind(node, module)
    for definition in module.everything:
        _attach(definition)
    return module


def _bind(node: ast.stmt, module: ModuleSyntax) -> None:
    """Enter a statement, and what it binds."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for name in module.imports_of(node):
            module.imports.pop(name, None)
        _bind_import(node, module)
    elif not is_text(node) and not is_main_guard(node):
        definition = Definition(node, module)
        module.everything.append(definition)
        for name in bound_names(node):
            module.definitions.setdefault(name, []).append(definition)
        _bind_inner_imports(node, (), module)


def _bind_import(node: ast.Import | ast.ImportFrom, module: ModuleSyntax) -> None:
    for name, link in module.imports_of(node).items():
        module.imports.setdefault(name, []).append(link)
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        module.stars.append(module.absolute(node.module, node.level))


def _bind_inner_imports(
    node: ast.stmt, tests: tuple[Definition, ...], module: ModuleSyntax
) -> None:
    """Enter the imports inside a compound statement; its tests say which of them counts."""
    if isinstance(node, DEFINITIONS):
        return
    if isinstance(node, (ast.If, ast.While)):
        tests = (*tests, Definition(ast.Expr(node.test), module))
    for inner in statements(node):
        if isinstance(inner, (ast.Import, ast.ImportFrom)):
            _bind_import(inner, module)
            for name in module.imports_of(inner):
                module.definitions.setdefault(name, []).extend(tests)
        else:
            _bind_inner_imports(inner, tests, module)


def _attach(definition: Definition) -> None:
    """Give a statement (``TABLE.append(x)``, ``fill()``) to the names it may change."""
    module = definition.module
    changed = changed_names(definition.node)
    if not isinstance(definition.node, DEFINITIONS):
        for called in called_names(definition.node):
            for one in module.definitions.get(called, []):
                changed |= one.changes
    for name in sorted(changed & (module.definitions.keys() | module.imports.keys())):
        known = module.definitions.setdefault(name, [])
        if definition not in known:
            known.append(definition)


#: Calls that read a file.
_READING = {"open", "read_text", "read_bytes", "read_csv", "read_parquet", "read_json",
            "read_table", "read_excel", "read_feather", "loadtxt", "genfromtxt"}
