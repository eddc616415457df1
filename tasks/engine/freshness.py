"""Refuse to build when what this process loaded is not what the source files say.

Keys are read from files, but what runs is what was loaded. If the two differ, an artifact
of the old code would stand under the new code's name for ever. They differ when a file was
edited after it was loaded, when Python took cached bytecode for the source (it compares sizes
and whole seconds only), or when other code assigned another value to a constant.
"""

import marshal
import struct
import sys
import sysconfig
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.engine.errors import CodeChanged
from tasks.engine.statements import literal
from tasks.engine.syntax import Definition, ModuleSyntax, read_module, signature_of

_HEADER = 16


@dataclass(frozen=True)
class _Loaded:
    """A source file as it was soon after a module was loaded from it."""

    spec: Any  # a reload makes another
    signature: tuple[int, int, int]
    source: bytes


_loaded: dict[str, _Loaded] = {}
#: Modules that Python loaded from bytecode of an earlier source.
_outdated: set[str] = set()
#: Modules that were not, with what was looked at.
_of_its_source: dict[str, tuple[Any, tuple[int, int, int]]] = {}
_looked_at: dict[str, types.ModuleType] = {}


def remember_loaded() -> None:
    """Keep the source of modules that were loaded since the last call (not installed ones)."""
    for name, module in list(sys.modules.items()):
        _look_at(name, module)


def refuse_edited(module: ModuleSyntax, name: str) -> None:
    """Raise `CodeChanged` when a loaded module's name differs from its source's."""
    loaded = sys.modules.get(module.name)
    if loaded is None:
        return
    _look_at(module.name, loaded)
    if module.name in _loaded and _loaded[module.name].spec is not loaded.__spec__:
        _remember(module.name, loaded)
        _outdated.discard(module.name)
    before = _loaded.get(module.name)
    if before is None or before.signature == module.signature:
        if module.name in _outdated or not _is_of_its_source(module, loaded):
            _outdated.add(module.name)
            raise CodeChanged(str(module.path), "the cached bytecode")
    elif _digests(_parsed(before, module), name) != _digests(module, name):
        raise CodeChanged(str(module.path), name)
    for definition in module.definitions.get(name, []):
        if _is_reassigned(definition, name, module, loaded):
            raise CodeChanged(str(module.path), name)


def _look_at(name: str, module: types.ModuleType) -> None:
    if _looked_at.get(name) is not module:
        _looked_at[name] = module
        _remember(name, module)


def _remember(name: str, module: types.ModuleType) -> None:
    path = Path(getattr(module, "__file__", None) or "")
    if path.suffix == ".py" and not _INSTALLED & set(path.parents):
        try:
            _loaded[name] = _Loaded(
                getattr(module, "__spec__", None), signature_of(path), path.read_bytes()
            )
        except OSError:
            return


def _parsed(before: _Loaded, module: ModuleSyntax) -> ModuleSyntax:
    return read_module(
        module.name, module.path, module.is_package, before.signature, before.source
    )


def _digests(module: ModuleSyntax, name: str) -> list[str]:
    return [one.digest for one in module.definitions.get(name, module.everything)]


def _is_of_its_source(module: ModuleSyntax, loaded: types.ModuleType) -> bool:
    """Whether a module was not loaded from old bytecode; looked at once for each source."""
    seen = (loaded.__spec__, module.signature)
    if _of_its_source.get(module.name) != seen:
        if _is_old_bytecode(module, loaded):
            return False
        _of_its_source[module.name] = seen
    return True


def _is_old_bytecode(module: ModuleSyntax, loaded: types.ModuleType) -> bool:
    """Python takes cached bytecode when the source has the same size and the same second."""
    try:
        cached, stat = Path(loaded.__cached__ or ""), module.path.stat()
        if cached.stat().st_mtime_ns > stat.st_mtime_ns:
            return False
        bytecode = cached.read_bytes()
    except (OSError, AttributeError):
        return False
    flags, second, size = struct.unpack("<3I", bytecode[4:_HEADER])
    if (flags, second, size) != (0, int(stat.st_mtime), stat.st_size):
        return False
    source = compile(module.path.read_bytes(), str(module.path), "exec", dont_inherit=True)
    if _shape(marshal.loads(bytecode[_HEADER:])) == _shape(source):
        return False
    cached.unlink(missing_ok=True)  # or the next process would take it again
    return True


def _shape(code: types.CodeType) -> tuple[Any, ...]:
    """What a code object does, without where it stands."""
    documented = bool(code.co_consts) and isinstance(code.co_consts[0], str)
    constants = tuple(
        _shape(const) if isinstance(const, types.CodeType) else (type(const), const)
        for const in code.co_consts[documented:]
    )
    return code.co_code, code.co_names, code.co_varnames, constants


def _is_reassigned(
    definition: Definition, name: str, module: ModuleSyntax, loaded: types.ModuleType
) -> bool:
    """Whether a plain constant has another value now (one that is assigned once, for good)."""
    if definition.literal is None or len(module.definitions[name]) > 1:
        return False
    if name in module.imports or name in module.changing:
        return False
    live, written = vars(loaded).get(name), definition.literal
    # What is of another type may be large to write out.
    return type(live).__name__ != written.partition(" ")[0] or literal(live) != written


_INSTALLED = {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}
