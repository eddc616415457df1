"""Source becomes `ModuleSyntax`: statements are entered under the names they bind or change."""

import ast
import hashlib

from tasks.engine.scope import mentions_of
from tasks.engine.statements import (
    DEFINITIONS,
    bound_names,
    called_names,
    changed_inside,
    changed_names,
    is_main_guard,
    is_text,
    literal_of,
    statements,
    without_docstrings,
)
from tasks.engine.syntax import Definition, Import, ModuleSyntax


def parse(source: bytes, module: ModuleSyntax) -> None:
    """Enter what a source file says. Raises `SyntaxError` as Python would."""
    parser = _Parser(module)
    for node in ast.parse(source, str(module.path)).body:
        parser.enter(node)
    for node, definition in parser.nodes:
        parser.attach(node, definition)


class _Parser:
    """Enters the statements of one file."""

    def __init__(self, module: ModuleSyntax):
        self.module = module
        self.nodes: list[tuple[ast.stmt, Definition]] = []

    def enter(self, node: ast.stmt) -> None:
        """Enter a statement, and what it binds."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name in self._imports_of(node):
                self.module.imports.pop(name, None)
            self._bind_import(node)
        elif not is_text(node) and not is_main_guard(node):
            definition = self._definition(node)
            self.nodes.append((node, definition))
            self.module.everything.append(definition)
            for name in sorted(bound_names(node)):
                self.module.definitions.setdefault(name, []).append(definition)
            self._bind_inner_imports(node, ())

    def attach(self, node: ast.stmt, definition: Definition) -> None:
        """Give a statement (``TABLE.append(x)``, ``fill()``) to the names it may change."""
        known = self.module.definitions
        changed = changed_names(node)
        if not isinstance(node, DEFINITIONS):
            for called in called_names(node):
                for one in known.get(called, []):
                    changed |= set(one.changes)
        for name in sorted(changed & (known.keys() | self.module.imports.keys())):
            if definition not in known.setdefault(name, []):
                known[name].append(definition)

    def _definition(self, node: ast.stmt) -> Definition:
        mentions = tuple(mentions_of(node, self._imports_of))
        changes, read, literal = changed_inside(node), _file_read(node), literal_of(node)
        return Definition(_digest(node), read, mentions, tuple(sorted(changes)), literal)

    def _imports_of(self, node: ast.stmt) -> dict[str, Import]:
        """The names an import statement binds (empty for ``import *`` and other statements)."""
        if isinstance(node, ast.Import):
            return dict(_plain_import(alias) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = self.module.absolute(node.module, node.level)
            return {alias.asname or alias.name: Import(module, alias.name)
                    for alias in node.names if alias.name != "*"}
        return {}

    def _bind_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, link in self._imports_of(node).items():
            self.module.imports.setdefault(name, []).append(link)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            self.module.stars.append(self.module.absolute(node.module, node.level))

    def _bind_inner_imports(self, node: ast.stmt, tests: tuple[Definition, ...]) -> None:
        """Enter the imports inside a compound statement; its tests say which of them counts."""
        if isinstance(node, DEFINITIONS):
            return
        if isinstance(node, (ast.If, ast.While)):
            tests = (*tests, self._definition(ast.Expr(node.test)))
        for inner in statements(node):
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                self._bind_import(inner)
                for name in self._imports_of(inner):
                    self.module.definitions.setdefault(name, []).extend(tests)
            else:
                self._bind_inner_imports(inner, tests)


def _plain_import(alias: ast.alias) -> tuple[str, Import]:
    if alias.asname:
        return alias.asname, Import(alias.name)
    return alias.name.partition(".")[0], Import(alias.name.partition(".")[0])


def _digest(node: ast.stmt) -> str:
    """Hash of a statement's syntax, without positions and docstrings."""
    return hashlib.sha256(ast.dump(without_docstrings(node)).encode()).hexdigest()[:16]


def _file_read(node: ast.stmt) -> int | None:
    """The line on which a statement reads a file as soon as its module is imported."""
    if isinstance(node, DEFINITIONS):
        return None
    for inner in ast.walk(node):
        called = inner.func if isinstance(inner, ast.Call) else None
        if getattr(called, "id", getattr(called, "attr", "")) in _READING:
            return called.lineno  # type: ignore[union-attr]
    return None


#: Calls that read a file.
_READING = {"open", "read_text", "read_bytes", "read_csv", "read_parquet", "read_json",
            "read_table", "read_excel", "read_feather", "loadtxt", "genfromtxt"}
