"""Refuse to build from a source file that was edited after this process loaded it.

Keys are read from files, but what runs is what was loaded. If the two differ, an artifact
of the old code would stand under the new code's name for ever.
"""

import sys
import time
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tasks.engine.errors import CodeChanged

_STARTED = time.time()


def refuse_edited(module: Any, definitions: Iterable[Any]) -> None:
    """Raise `CodeChanged` when a loaded function differs from its (newer) source."""
    loaded = sys.modules.get(module.name)
    if loaded is None or not module.path.is_file() or module.path.stat().st_mtime < _STARTED:
        return
    written = _functions(compile(Path(module.path).read_bytes(), str(module.path), "exec"))
    for definition in definitions:
        name = getattr(definition.node, "name", None)
        live = getattr(vars(loaded).get(name), "__code__", None) if name else None
        if name is None or live is None or live.co_name != name or name not in written:
            continue
        if _shape(live) != _shape(written[name]):
            raise CodeChanged(str(module.path), name)


def _functions(code: types.CodeType) -> dict[str, types.CodeType]:
    return {const.co_name: const for const in code.co_consts if isinstance(const, types.CodeType)}


def _shape(code: types.CodeType) -> tuple[Any, ...]:
    """What a code object does, without where it stands."""
    documented = bool(code.co_consts) and isinstance(code.co_consts[0], str)
    constants = tuple(
        _shape(const) if isinstance(const, types.CodeType) else (type(const), const)
        for const in code.co_consts[documented:]
    )
    return code.co_code, code.co_names, code.co_varnames, constants
