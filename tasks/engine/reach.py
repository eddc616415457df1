"""Everything a function's behaviour depends on: the code it reaches, across modules.

First-party code is followed statement by statement; what comes from an installed distribution
counts by that distribution's version; Python counts by its own.
"""

import functools
import sys
from dataclasses import dataclass
from pathlib import Path

from tasks.engine import distributions
from tasks.engine.errors import HiddenCode, RecipeError
from tasks.engine.freshness import refuse_edited, remember_loaded
from tasks.engine.identity import digest_of
from tasks.engine.registered import held_by
from tasks.engine.scope import BUILTINS, Mention
from tasks.engine.syntax import Definition, Import, ModuleSyntax, read_module, signature_of
from tasks.engine.syntax_memory import SyntaxMemory

#: ``(module, name)`` of a definition, or ``(module, "*")`` for a whole module.
Place = tuple[str, str]

#: Ways of Python's own library to reach code by a computed name.
_HIDING = ("importlib.import_module", "importlib.__import__", "sys.modules", "runpy.run_module",
           "runpy.run_path", "builtins.eval", "builtins.exec", "builtins.__import__")


@dataclass(frozen=True)
class Reach:
    """What was reached: code digests by ``module:name``, and versions by distribution."""

    code: dict[str, str]
    libraries: dict[str, str]


class Reader:
    """Reads first-party source; one per process and set of first-party packages."""

    def __init__(self, first_party: tuple[str, ...] = (), memory: SyntaxMemory | None = None):
        self.first_party = first_party
        self.memory = memory or SyntaxMemory()
        self._modules: dict[str, ModuleSyntax] = {}
        self._direct: dict[Place, tuple[str, list[Place], list[str]]] = {}

    def reach(self, roots: list[Place]) -> Reach:
        """Follow every mention from ``roots`` to its end."""
        code: dict[str, str] = {}
        libraries = {"python": "{}.{}".format(*sys.version_info)}
        waiting, seen = list(roots), set(roots)
        while waiting:
            place = waiting.pop()
            digest, onward, foreign = self._look_at(place)
            code[":".join(place)] = digest
            for module in foreign:
                if not (distributions.is_standard(module) or distributions.is_engine(module)):
                    libraries.update([distributions.library_version(module)])
            waiting += [found for found in onward if found not in seen]
            seen.update(onward)
        return Reach(dict(sorted(code.items())), dict(sorted(libraries.items())))

    def refresh(self) -> bool:
        """Forget everything if a file read so far has changed; say whether one had."""
        remember_loaded()
        self.memory.save()
        changed = any(signature_of(module.path) != module.signature
                      for module in self._modules.values())
        if changed:
            self._modules.clear()
            self._direct.clear()
            distributions.find_module.cache_clear()
        return changed

    def module(self, name: str) -> ModuleSyntax:
        """The syntax of a first-party module. Raises `RecipeError` when it has no source."""
        if name not in self._modules:
            self._modules[name] = _read(name, self.memory)
        return self._modules[name]

    def is_first_party(self, module: str) -> bool:
        """Listed in the setting, or installed by no distribution and not part of Python."""
        if distributions.is_engine(module):
            return False
        if any(module == one or module.startswith(one + ".") for one in self.first_party):
            return True
        if distributions.is_standard(module):
            return False
        return distributions.version_of(module) is None

    def _look_at(self, place: Place) -> tuple[str, list[Place], list[str]]:
        if place not in self._direct:
            self._direct[place] = self._read_place(place)
        return self._direct[place]

    def _read_place(self, place: Place) -> tuple[str, list[Place], list[str]]:
        module = self.module(place[0])
        definitions = self._definitions(module, place[1])
        refuse_edited(module, place[1])
        for definition in definitions:
            if definition.file_read:
                where = f"{module.path}:{definition.file_read}"
                raise RecipeError(
                    f"{where}: {place[1]} is read from a file when its module is imported, so a "
                    "change to that file would go unnoticed. Make the file a SourceTask, or write "
                    "what it says into the code."
                )
        onward: list[Place] = []
        foreign: list[str] = []
        meant: list[str] = []
        for mention in self._mentions(module, place[1], definitions):
            places, names = self._follow(module, mention)
            onward += places
            foreign += names
            # The same text means something else once an import above it changes.
            meant.append(f"{mention.chain} is {places} {names}")
        onward += [held for held in held_by(*place, self.is_first_party) if held != place]
        texts = [definition.digest for definition in definitions]
        digest = digest_of([*texts, *dict.fromkeys(meant)])[:16]
        return digest, list(dict.fromkeys(onward)), list(dict.fromkeys(foreign))

    def _definitions(self, module: ModuleSyntax, name: str) -> list[Definition]:
        # A name that no statement binds was made in a way we cannot see: take everything.
        return module.definitions.get(name, module.everything)

    def _mentions(
        self, module: ModuleSyntax, name: str, definitions: list[Definition]
    ) -> list[Mention]:
        found = [mention for definition in definitions for mention in definition.mentions]
        if name == "*":
            found += [Mention((), link) for links in module.imports.values() for link in links]
            found += [Mention(("*",), Import(star)) for star in module.stars]
        return found

    def _follow(self, module: ModuleSyntax, mention: Mention) -> tuple[list[Place], list[str]]:
        """The places and the foreign names that a mention stands for."""
        onward: list[Place] = []
        foreign: list[str] = []
        if mention.through is not None:
            self._imported(mention.through, mention.chain, onward, foreign)
        else:
            self._named(module, mention.chain, onward, foreign)
        hides = mention.hides if self._hides_code(mention, onward) else None
        hides = hides or next(
            (known for known in _HIDING for name in foreign if f"{name}.".startswith(f"{known}.")),
            None,
        )
        if hides:
            raise HiddenCode(f"{module.path}:{mention.line}", hides)
        return onward, foreign

    def _hides_code(self, mention: Mention, reached: list[Place]) -> bool:
        """A computed ``getattr`` matters on our modules and classes, not on a local object."""
        return bool(reached) or not (mention.hides or "").startswith("getattr")

    def _named(
        self, module: ModuleSyntax, chain: tuple[str, ...], onward: list[Place], foreign: list[str]
    ) -> None:
        name = chain[0]
        if name in module.definitions:
            onward.append((module.name, name))
        for link in module.imports.get(name, []):
            self._imported(link, chain[1:], onward, foreign)
        if not self._is_bound(module, name) and (name not in BUILTINS or module.stars):
            self._starred(module, chain, onward, foreign)

    def _starred(
        self, module: ModuleSyntax, chain: tuple[str, ...], onward: list[Place], foreign: list[str]
    ) -> None:
        for star in module.stars:
            if not self.is_first_party(star):
                foreign.append(star)
            elif self._binds(self.module(star), chain[0]):
                return self._named(self.module(star), chain, onward, foreign)
        if chain[0] not in BUILTINS and not module.stars:
            # Made in a way we cannot see: the whole module is the smallest honest answer.
            onward.append((module.name, "*"))
        return None

    def _is_bound(self, module: ModuleSyntax, name: str) -> bool:
        return name in module.definitions or name in module.imports

    def _binds(self, module: ModuleSyntax, name: str) -> bool:
        """Whether a module has a name, perhaps from modules it imports everything of."""
        waiting, seen = [module], {module.name}
        while waiting:
            current = waiting.pop()
            if self._is_bound(current, name):
                return True
            stars = [star for star in current.stars
                     if star not in seen and self.is_first_party(star)]
            seen.update(stars)
            waiting += map(self.module, stars)
        return False

    def _imported(
        self, link: Import, chain: tuple[str, ...], onward: list[Place], foreign: list[str]
    ) -> None:
        if not self.is_first_party(link.module):
            parts = [link.attribute] if link.attribute else chain
            foreign.append(".".join([link.module, *parts]))
            return
        rest = (link.attribute, *chain) if link.attribute else chain
        module = self.module(link.module)
        if not rest or rest[0] in ("*", "__dict__"):
            onward.append((module.name, "*"))
        elif self._binds(module, rest[0]) or not distributions.find_module(
            f"{link.module}.{rest[0]}"
        ):
            self._named(module, rest, onward, foreign)
        else:
            self._imported(Import(f"{link.module}.{rest[0]}"), rest[1:], onward, foreign)



def _read(name: str, memory: SyntaxMemory) -> ModuleSyntax:
    loaded = sys.modules.get(name)
    spec = getattr(loaded, "__spec__", None) or distributions.find_module(name)
    origin = getattr(loaded, "__file__", None) or (spec.origin if spec else None)
    if spec is not None and origin is None and spec.submodule_search_locations:
        place = Path(next(iter(spec.submodule_search_locations)))
        return ModuleSyntax(name, place, True, signature_of(place))
    if loaded is None and spec is None:
        return ModuleSyntax(name, Path(name), False, (0, 0, 0))  # optional, and not there
    if not origin or not origin.endswith(".py"):
        raise RecipeError(f"module {name} has no Python source ({origin or 'not found'})")
    is_package = Path(origin).name == "__init__.py"
    signature, source = signature_of(Path(origin)), Path(origin).read_bytes()
    told = memory.of(source, f"{name} {is_package}")
    return read_module(name, Path(origin), is_package, signature, source, told)


@functools.cache
def reader(first_party: tuple[str, ...], memory: Path) -> Reader:
    """The process's reader for a setting of first-party packages; it remembers in a file."""
    return Reader(first_party, SyntaxMemory(memory))
