"""One artifact, described from its manifest; and the pages that are artifacts themselves."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from tasks.engine.errors import CorruptPayload
from tasks.engine.journal import Address, Entry
from tasks.engine.manifest import Manifest
from workflows.page.lineage import Lineage, lineage
from workflows.page.lineage_drawing import draw
from workflows.page.shelf import Look

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.=-]*\Z")


@dataclass(frozen=True)
class Described:
    """An artifact and where it comes from."""

    address: Address
    manifest: Manifest
    pages: list[str]
    """Its files that can be opened here."""
    place: str
    found: Lineage
    drawing: Markup


def described(look: Look, address: Address) -> Described | None:
    """An artifact of the store; None when there is none at this address."""
    entry = _entry(look, address)
    if entry is None:
        return None
    try:
        manifest = look.shelf.manifest(address)
    except CorruptPayload:
        return None
    found = lineage(look, address)
    pages = [name for name, _, _ in entry.files if name.endswith(".html")]
    # Every text in the drawing is escaped where it is drawn.
    return Described(address, manifest, pages, look.store.link(address), found,
                     Markup(draw(found)))


def page_in(look: Look, address: Address, file: str) -> str | None:
    """The text of an artifact's page, every byte checked; None when it has no such page.

    No path is made of what was asked for: the file is one that the artifact's index names.
    """
    entry = _entry(look, address)
    if entry is None or not file.endswith(".html"):
        return None
    if file not in [name for name, _, _ in entry.files]:
        return None
    value = look.shelf.value(entry)
    text = value.get(file) if isinstance(value, dict) else value
    return text if isinstance(text, str) else None


def _entry(look: Look, address: Address) -> Entry | None:
    """What the store has at an address that could be one of its own."""
    return look.store.find(address) if all(map(_PART.match, address)) else None
