"""What lies in a store, listed in bulk to be judged: artifacts, and what killed runs left behind.

Deleting one artifact is safe at any instant and beside any run. It is done only under the lease
of its key, which a run holds while it builds; first the artifact stops to exist in one step, then
its bytes go. A crash in between leaves bytes that count as nothing and are found by the next
listing.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from tasks.engine.journal import Address

Kind = Literal["artifact", "unfinished", "staging", "set aside", "lease", "run record"]

#: What each kind is called when it is told how much of it goes.
IN_WORDS: dict[Kind, str] = {
    "artifact": "artifacts", "unfinished": "(left by killed runs)", "staging": "(staging)",
    "set aside": "(set aside as damaged)", "lease": "(lapsed leases)",
    "run record": "(records of runs)",
}


@dataclass(frozen=True)
class Holding:
    """One thing that can be removed as a whole; ``name`` says where it lies below the root."""

    kind: Kind
    name: str
    size: int
    """Bytes, as the files or objects are long."""
    written: float
    """When its newest part was written, in seconds since 1970, by the store's clock."""
    address: Address | None = None
    """Of an artifact, and of what was to become one."""
    parts: tuple[Any, ...] = ()
    """What the store needs to remove just this, and nothing that took its place since."""


class Holdings(Protocol):
    """What the engine asks of a store to clean it."""

    def listed(self) -> Iterator[Holding]:
        """Everything that lies in the store now, each thing once."""

    def discard(self, holding: Holding) -> int:
        """Remove one thing; the bytes that were freed.

        0 when it is gone, was built anew since it was listed, or is being built now.
        """

    def files(self, holding: Holding) -> AbstractContextManager[list[tuple[str, Path]]]:
        """The names of all its files and where they can be read meanwhile; nothing is checked."""
