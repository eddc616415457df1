"""What a statement binds, calls and changes, by its syntax alone."""

import ast

#: Statements that define something by its name.
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPOUNDS = (ast.If, ast.Try, ast.With, ast.For, ast.While)

#: Methods that fill a list, a set or a dict.
_FILLING = {"append", "extend", "insert", "add", "update", "setdefault", "appendleft"}


def without_docstrings(node: ast.stmt) -> ast.stmt:
    """Drop the docstrings inside a statement, in place (the tree is ours alone)."""
    if isinstance(node, DEFINITIONS):
        node.body = [one for one in node.body if not is_text(one)] or [ast.Pass()]
    for inner in statements(node):
        without_docstrings(inner)
    return node


def is_text(node: ast.stmt) -> bool:
    """A text standing alone: a docstring, also of an attribute or of a module."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def bound_names(node: ast.stmt) -> set[str]:
    """Names that a statement gives a value, imports left aside."""
    if isinstance(node, DEFINITIONS):
        return {node.name}
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {
            inner.id
            for target in targets
            for inner in ast.walk(target)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        }
    if isinstance(node, _COMPOUNDS):
        return set().union(*[bound_names(inner) for inner in statements(node)], _targets(node))
    return set()


def literal_of(node: ast.stmt) -> str | None:
    """Type and value of the plain constant that a statement gives one name; None for others."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return None
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or not isinstance(node.value, ast.Constant):
        return None
    return literal(node.value.value)


def literal(value: object) -> str:
    """Type and value of a constant as text."""
    return f"{type(value).__name__} {value!r}"


def statements(node: ast.stmt) -> list[ast.stmt]:
    """The statements directly inside a compound statement, in all of its branches."""
    blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    blocks += [one.body for name in ("handlers", "cases") for one in getattr(node, name, [])]
    return [inner for block in blocks for inner in block]


def _targets(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.For):
        return {inner.id for inner in ast.walk(node.target) if isinstance(inner, ast.Name)}
    return set()


def is_main_guard(node: ast.stmt) -> bool:
    """Whether a statement counts only in a script (``if __name__ == "__main__"``)."""
    return isinstance(node, ast.If) and "__name__" in {
        inner.id for inner in ast.walk(node.test) if isinstance(inner, ast.Name)
    }


def changed_names(node: ast.stmt) -> set[str]:
    """Names that are receivers, arguments or targets in a statement, not merely called."""
    if isinstance(node, _COMPOUNDS):
        return set().union(*map(changed_names, statements(node)))
    if bound_names(node) or isinstance(node, (ast.Import, ast.ImportFrom)):
        return set()
    called = called_names(node)
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} - called


def called_names(node: ast.stmt) -> set[str]:
    """Names that are called in a statement as they stand, without a dot."""
    return {
        inner.func.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }


def changed_inside(node: ast.stmt) -> set[str]:
    """Names a function may change when it is called: its globals, and what it stores into."""
    changed: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Global):
            changed.update(inner.names)
        elif isinstance(inner, (ast.Subscript, ast.Attribute)):
            root = _root(inner)
            if isinstance(inner.ctx, ast.Store) or getattr(inner, "attr", "") in _FILLING:
                changed.add(root)
    return changed


def _root(node: ast.expr) -> str:
    """The name that ``a.b[c].d`` starts from."""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
