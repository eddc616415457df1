"""Which outside names a statement mentions, by Python's scoping rules."""

import ast
import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

#: What an import statement binds: each name, and where it comes from.
ImportsOf = Callable[[ast.stmt], dict[str, Any]]

#: Calls that can reach code by a computed name.
_HIDERS = {"eval", "exec", "globals", "__import__"}


@dataclass(frozen=True)
class Mention:
    """A dotted name read from outside (``chain``), or through an import made inside.

    ``hides`` says why the mention cannot be followed, when it cannot (``getattr`` with a
    computed name on what ``chain`` names).
    """

    chain: tuple[str, ...]
    through: Any = None
    hides: str | None = None
    line: int = 0


def mentions_of(node: ast.stmt, imports_of: ImportsOf) -> list[Mention]:
    """All outside names a top-level statement mentions, in order, without repeats."""
    visitor = _Visitor(imports_of)
    visitor.visit(node)
    return list(dict.fromkeys(visitor.found))


class _Visitor(ast.NodeVisitor):
    """Walks a statement with a stack of scopes: name -> None (a local) or its imports."""

    def __init__(self, imports_of: ImportsOf):
        self.imports_of = imports_of
        self.scopes: list[tuple[bool, dict[str, Any]]] = []
        self.found: list[Mention] = []

    def visit_Name(self, node: ast.Name) -> None:
        # A stored name that is nobody's own was declared global: it is read elsewhere.
        if isinstance(node.ctx, ast.Load) or self.scopes:
            self._mention([node.id], node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr == "__subclasses__":
            self.found.append(Mention(("type",), None, "__subclasses__", node.lineno))
        chain = _chain(node)
        if chain is None:
            self.generic_visit(node)
        else:
            self._mention(chain, node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _chain(node.func)
        if name == ["getattr"] and len(node.args) >= 2 and self._lookup("getattr") is None:
            self._getattr(node)
        elif name and self._is_hider(name):
            self._mention(name, node, hides=".".join(name) + "()")
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in [*node.decorator_list, *_defaults(node.args), *_annotations(node)]:
            self.visit(outside)
        self._inside(_parameters(node.args) | _assigned(node.body, self.imports_of), node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(outside)
        self._inside(_assigned(node.body, self.imports_of), node.body, is_class=True)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for outside in _defaults(node.args):
            self.visit(outside)
        self._inside(_parameters(node.args) | _assigned([node.body], self.imports_of), [node.body])

    def visit_comprehension_like(self, node: Any) -> None:
        self.visit(node.generators[0].iter)
        targets = {name for part in node.generators for name in _stored(part.target)}
        self._inside(dict.fromkeys(targets), ast.iter_child_nodes(node))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_like

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Imports inside a function are entered with its other names."""

    visit_ImportFrom = visit_Import

    def _inside(
        self, names: dict[str, Any], body: Iterable[ast.AST], is_class: bool = False
    ) -> None:
        self.scopes.append((is_class, names))
        for node in body:
            self.visit(node)
        self.scopes.pop()

    def _lookup(self, name: str) -> dict[str, Any] | None:
        """The innermost scope that owns a name; a class's names are seen in its body alone."""
        for depth, (is_class, names) in enumerate(reversed(self.scopes)):
            if name in names and not (is_class and depth):
                return names
        return None

    def _mention(self, chain: list[str], node: ast.expr, hides: str | None = None) -> None:
        scope = self._lookup(chain[0])
        if scope is None:
            self.found.append(Mention(tuple(chain), None, hides, node.lineno))
        else:
            for through in scope[chain[0]] or ():
                self.found.append(Mention(tuple(chain[1:]), through, hides, node.lineno))

    def _getattr(self, node: ast.Call) -> None:
        target, attribute = node.args[0], node.args[1]
        chain = _chain(target)
        if chain is None:
            return
        if isinstance(attribute, ast.Constant) and isinstance(attribute.value, str):
            self._mention([*chain, attribute.value], node)
        else:
            self._mention(chain, node, hides="getattr() with a computed name")

    def _is_hider(self, name: list[str]) -> bool:
        return len(name) == 1 and name[0] in _HIDERS and self._lookup(name[0]) is None


def _chain(node: ast.AST) -> list[str] | None:
    """``a.b.c`` as a list of names; None when it does not start at a name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [*reversed([*names, node.id])] if isinstance(node, ast.Name) else None


def _parameters(arguments: ast.arguments) -> dict[str, None]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
    return {argument.arg: None for argument in every}


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *[default for default in arguments.kw_defaults if default]]


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    every += [extra for extra in (node.args.vararg, node.args.kwarg) if extra]
    found = [argument.annotation for argument in every if argument.annotation]
    return [*found, node.returns] if node.returns else found


def _stored(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


class _Assigned(ast.NodeVisitor):
    """Names a block assigns itself, not inside nested functions, classes or comprehensions."""

    def __init__(self, imports_of: ImportsOf):
        self.imports_of = imports_of
        self.names: dict[str, Any] = {}
        self.declared: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.names.setdefault(node.id, None)

    def visit_definition(self, node: Any) -> None:
        self.names.setdefault(node.name, None)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_definition

    def visit_named(self, node: Any) -> None:
        if node.name:
            self.names.setdefault(node.name, None)
        self.generic_visit(node)

    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = visit_named

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.names.setdefault(node.rest, None)
        self.generic_visit(node)

    def visit_inner_scope(self, node: ast.AST) -> None:
        # A walrus inside a comprehension binds in the block around it.
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name):
                self.names.setdefault(inner.target.id, None)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_inner_scope

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A lambda's names are its own."""

    def visit_import(self, node: Any) -> None:
        # Two branches may import one name from two places; either may be what runs.
        for name, link in self.imports_of(node).items():
            self.names[name] = (*(self.names.get(name) or ()), link)

    visit_Import = visit_ImportFrom = visit_import

    def visit_not_own(self, node: Any) -> None:
        self.declared |= set(node.names)

    visit_Global = visit_Nonlocal = visit_not_own


def _assigned(body: Iterable[ast.AST], imports_of: ImportsOf) -> dict[str, Any]:
    """What a block assigns: name -> None, or the imports it may come from."""
    visitor = _Assigned(imports_of)
    for node in body:
        visitor.visit(node)
    return {name: what for name, what in visitor.names.items() if name not in visitor.declared}


#: Names every module has without defining them.
BUILTINS = frozenset(dir(builtins)) | {
    "__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__path__",
    "__class__", "__annotations__", "__builtins__", "__dict__", "__module__", "__qualname__",
}
