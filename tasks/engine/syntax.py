"""What a module's source says: its names, what defines them, and what each definition mentions.

Nothing is imported or run here. A *definition* is a top-level statement without comments,
formatting and docstrings; a *mention* is a dotted name it reads from outside itself.
"""

import ast
import functools
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from tasks.engine.scope import Mention, mentions_of


@dataclass(frozen=True)
class Import:
    """``import module`` (``attribute`` None) or ``from module import attribute``."""

    module: str
    attribute: str | None = None


@dataclass(eq=False)
class Definition:
    """One top-level statement: its digest and what it mentions, computed when asked."""

    node: ast.stmt
    module: "ModuleSyntax"

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the statement's syntax, without positions and docstrings."""
        return hashlib.sha256(ast.dump(without_docstrings(self.node)).encode()).hexdigest()[:16]

    @functools.cached_property
    def mentions(self) -> list[Mention]:
        """Dotted names the statement reads from outside itself."""
        return mentions_of(self.node, self.module.imports_of)


@dataclass(eq=False)
class ModuleSyntax:
    """The top level of one source file."""

    name: str
    path: Path
    is_package: bool
    signature: tuple[int, int, int]
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    everything: list[Definition] = field(default_factory=list)

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


def without_docstrings(node: ast.stmt) -> ast.stmt:
    """Drop the docstrings inside a statement, in place (the tree is ours alone)."""
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and _documented(
            inner
        ):
            inner.body = inner.body[1:] or [ast.Pass()]
    return node


def _documented(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    first = node.body[0]
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def read_module(
    name: str, path: Path, is_package: bool, signature: tuple[int, int, int]
) -> ModuleSyntax:
    """Parse a source file. Raises `SyntaxError` or `OSError` as Python would."""
    module = ModuleSyntax(name, path, is_package, signature)
    tree = ast.parse(path.read_bytes(), str(path))
    loose = [node for node in tree.body if not _bind(node, module)]
    for node in loose:
        _attach(node, module)
    return module


def _bind(node: ast.stmt, module: ModuleSyntax) -> bool:
    """Enter what a statement binds; False for a statement that binds nothing by itself."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        _bind_import(node, module)
        return True
    names = _bound_names(node)
    if names and not _is_main_guard(node):
        definition = Definition(node, module)
        module.everything.append(definition)
        for name in names:
            module.definitions.setdefault(name, []).append(definition)
    if isinstance(node, (ast.If, ast.Try, ast.With)) and not _is_main_guard(node):
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                _bind_import(inner, module)
    return bool(names)


def _bind_import(node: ast.Import | ast.ImportFrom, module: ModuleSyntax) -> None:
    module.imports.update(module.imports_of(node))
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        module.stars.append(module.absolute(node.module, node.level))


def _bound_names(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {
            inner.id
            for target in targets
            for inner in ast.walk(target)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        }
    if isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
        return set().union(*[_bound_names(inner) for inner in _statements(node)], _targets(node))
    return set()


def _statements(node: ast.stmt) -> list[ast.stmt]:
    """The statements directly inside a compound statement, in all of its branches."""
    blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    blocks += [handler.body for handler in getattr(node, "handlers", [])]
    return [inner for block in blocks for inner in block]


def _targets(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.For):
        return {inner.id for inner in ast.walk(node.target) if isinstance(inner, ast.Name)}
    return set()


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {
        inner.id for inner in ast.walk(node.test) if isinstance(inner, ast.Name)
    }


def _attach(node: ast.stmt, module: ModuleSyntax) -> None:
    """Give a statement that binds nothing (``TABLE.append(x)``) to the names it may change."""
    if _is_main_guard(node):
        return
    definition = Definition(node, module)
    module.everything.append(definition)
    for name in _changed_names(node) & module.definitions.keys():
        module.definitions[name].append(definition)


def _changed_names(node: ast.stmt) -> set[str]:
    """Names that are receivers, arguments or targets in a statement, not merely called."""
    called = {
        id(inner.func)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }
    return {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and id(inner) not in called
    }
