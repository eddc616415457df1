"""What lies in a folder, and how it is removed: renamed away in one step, then deleted.

Also what a bucket's store keeps on this machine: its staging and the records of runs.
"""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.engine.holdings import Holding, Kind
from tasks.engine.journal import Address, Journal
from tasks.engine.lease import Lease

_MANIFEST = "manifest.json"

#: Files of the folder of leases that are no leases.
_LOCKS = ("locks", "uses", "trimmed", "machine")


class LocalHoldings:
    """Staging, what was renamed away, and records of runs, below a folder of this machine."""

    def __init__(self, root: Path):
        self.root = root

    def listed(self) -> Iterator[Holding]:
        """Everything that can be removed here."""
        yield from self._below("_staging", "staging")
        yield from self._below("_removed", "unfinished")
        yield from self._below("_runs", "run record")
        for one in self._inside(self.root / "_leases"):
            if not one.name.startswith(_LOCKS):
                yield from self._held(one, "lease")

    def discard(self, holding: Holding) -> int:
        """Remove one thing; the bytes that were freed."""
        place = self.root / holding.name
        if holding.kind == "lease":
            with Lease(place.parent, place.name, 1.0).held_now() as is_lapsed:
                return self._removed(place) if is_lapsed else 0
        return self._removed(place)

    @contextmanager
    def files(self, holding: Holding) -> Iterator[list[tuple[str, Path]]]:
        """The files of one thing, where they lie."""
        place = self.root / holding.name
        yield [(str(one.relative_to(self.root)), one) for one, _ in _measured(place)]

    def _below(self, folder: str, kind: Kind) -> Iterator[Holding]:
        for one in self._inside(self.root / folder):
            yield from self._held(one, kind)

    def _held(
        self, place: Path, kind: Kind, address: Address | None = None
    ) -> Iterator[Holding]:
        """One thing, if it has not gone meanwhile."""
        found = _measured(place)
        with contextlib.suppress(OSError):
            written = max([stat.st_mtime for _, stat in found] or [place.stat().st_mtime])
            size, name = sum(stat.st_size for _, stat in found), place.relative_to(self.root)
            yield Holding(kind, str(name), size, written, address)

    def _inside(self, folder: Path) -> list[Path]:
        with contextlib.suppress(OSError):
            return sorted(folder.iterdir())
        return []

    def _removed(self, place: Path) -> int:
        size = sum(stat.st_size for _, stat in _measured(place))
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(place) if place.is_dir() else place.unlink()
            return size
        return 0


class FolderHoldings(LocalHoldings):
    """All that lies in a folder store."""

    def __init__(self, root: Path, journal: Journal):
        super().__init__(root)
        self._journal = journal

    def listed(self) -> Iterator[Holding]:
        """Every artifact, then what is not one."""
        for task in self._inside(self.root):
            if not task.name.startswith("_"):
                for label in self._inside(task):
                    for place in self._inside(label):
                        yield from self._artifact(place)
        for task in self._inside(self.root / "_corrupt"):
            for label in self._inside(task):
                for place in self._inside(label):
                    yield from self._held(place, "set aside")
        yield from super().listed()

    def discard(self, holding: Holding) -> int:
        """Remove one thing; an artifact is gone in one step, whatever happens afterwards."""
        if holding.address is None:
            return super().discard(holding)
        place, away = self.root / holding.name, self.root / "_removed" / uuid.uuid4().hex
        with Lease(self.root / "_leases", holding.address[2], 1.0).held_now() as is_free:
            if not is_free or _stamp(place) != holding.parts:
                return 0
            away.parent.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.rename(place, away)
        self._journal.forget(holding.address)
        with contextlib.suppress(OSError):
            # Only the last artifact's folders are empty; a run makes them again.
            place.parent.rmdir()
            place.parent.parent.rmdir()
        return self._removed(away)

    def _artifact(self, place: Path) -> Iterator[Holding]:
        """A folder where an artifact should be; ``parts`` tell whether it is still the same."""
        task, label, key = place.parts[-3:]
        stamp = _stamp(place)
        for one in self._held(place, "artifact" if stamp else "unfinished", (task, label, key)):
            yield Holding(one.kind, one.name, one.size, one.written, one.address, stamp)


def _stamp(place: Path) -> tuple[int, ...]:
    """What tells a manifest from one that was written later at its place; empty without one."""
    with contextlib.suppress(OSError):
        stat = (place / _MANIFEST).stat()
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
    return ()


def _measured(place: Path) -> list[tuple[Path, os.stat_result]]:
    """Every file at or below a place, as far as they stay there while we look."""
    files = [place] if place.is_file() else sorted(place.rglob("*"))
    found: list[tuple[Path, os.stat_result]] = []
    for one in files:
        with contextlib.suppress(OSError):
            if one.is_file():
                found.append((one, one.stat()))
    return found
