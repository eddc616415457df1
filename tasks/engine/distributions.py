"""Which installed distribution a module belongs to, and its version."""

import functools
import importlib.machinery
import importlib.util
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from tasks.engine.errors import RecipeError

_ENGINE = __name__.rpartition(".")[0]
_STANDARD = Path(sysconfig.get_path("stdlib"))


@functools.cache
def find_module(name: str) -> importlib.machinery.ModuleSpec | None:
    """Locate a module without importing it (or its parent packages)."""
    parent, _, _last = name.rpartition(".")
    if not parent:
        return importlib.util.find_spec(name) if name != "__main__" else None
    above = find_module(parent)
    if above is None or above.submodule_search_locations is None:
        return None
    return importlib.machinery.PathFinder.find_spec(name, list(above.submodule_search_locations))


def is_engine(name: str) -> bool:
    """Whether a module is the engine's own; its schema is in every key."""
    return name == _ENGINE or name.startswith(f"{_ENGINE}.")


@functools.cache
def is_standard(name: str) -> bool:
    """Whether a module comes with Python itself, whose version is in every key."""
    top = name.partition(".")[0]
    if top not in sys.stdlib_module_names:
        return False
    spec = find_module(top)  # a project may have a module of the same name
    origin = (spec.origin if spec else None) or ""
    return not origin.endswith(".py") or _STANDARD in Path(origin).parents


@functools.cache
def version_of(module: str) -> tuple[str, str] | None:
    """``(distribution, version)`` that installed a module; None when no distribution did.

    A module that lies elsewhere than the distribution of its name (an editable install) is
    nobody's: it is followed as first-party code.
    """
    spec = find_module(module.partition(".")[0])
    if spec is None:
        return module.partition(".")[0], "not installed"
    places = [Path(place) for place in spec.submodule_search_locations or []]
    if not places and spec.origin:
        places = [Path(spec.origin)]
    home = {place.parent for place in places}
    owner = _by_name(module.partition(".")[0], home) or _by_files(module, home)
    return _name_and_version(owner) if owner else None


@functools.cache
def _name_and_version(distribution: metadata.Distribution) -> tuple[str, str]:
    told = distribution.metadata  # read from its file and parsed at every look
    return told["Name"], told["Version"]


def _by_name(name: str, home: set[Path]) -> metadata.Distribution | None:
    """The usual case: the distribution is called as its module is; costs one look."""
    owner = _called(name)
    return owner if owner and Path(str(owner.locate_file(""))) in home else None


@functools.cache
def _called(name: str) -> metadata.Distribution | None:
    """The installed distribution of a name; a checkout is none."""
    try:
        owner = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    return None if _is_checkout(owner) else owner


def _is_checkout(distribution: metadata.Distribution) -> bool:
    """An ``egg-info`` folder beside sources says a project lives here, not that it is installed."""
    return distribution.read_text("SOURCES.txt") is not None


def _by_files(module: str, home: set[Path]) -> metadata.Distribution | None:
    """Search the records of installed files for the longest prefix of the module's path."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        stem = "/".join(parts[:length])
        for place in sorted(home):
            for distribution in _distributions_in(place):
                if _lists(distribution, stem):
                    return distribution
    return None


@functools.cache
def _distributions_in(place: Path) -> list[metadata.Distribution]:
    return [one for one in metadata.distributions(path=[str(place)]) if not _is_checkout(one)]


@functools.cache
def _record(distribution: metadata.Distribution) -> str:
    return "\n" + (distribution.read_text("RECORD") or "")


def _lists(distribution: metadata.Distribution, stem: str) -> bool:
    record = _record(distribution)
    if not record.strip():
        top_level = (distribution.read_text("top_level.txt") or "").split()
        return stem in top_level
    return f"\n{stem}/" in record or f"\n{stem}.py," in record or f"\n{stem}." in record


def library_version(module: str) -> tuple[str, str]:
    """As `version_of`, but a module without an owner is an error."""
    owner = version_of(module)
    if owner is None:
        raise RecipeError(f"module {module} belongs to no installed distribution")
    return owner
