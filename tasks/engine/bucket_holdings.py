"""What lies in a bucket, and how it is removed: the manifest first, then what it named."""

import contextlib
import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.engine import listing
from tasks.engine.bucket import Stored
from tasks.engine.bucket_lease import BucketLease
from tasks.engine.folder_holdings import LocalHoldings
from tasks.engine.holdings import Holding, Kind
from tasks.engine.journal import Address
from tasks.engine.listing import Known
from tasks.engine.transfer import at_once

if TYPE_CHECKING:
    from tasks.engine.bucket_store import BucketStore


class BucketHoldings:
    """All that lies in a bucket's store, and what the store keeps on this machine."""

    def __init__(self, store: "BucketStore"):
        self._store = store
        self._bucket = store.bucket
        self._local = LocalHoldings(store.root)

    def listed(self) -> Iterator[Holding]:
        """One listing of the bucket, then what lies here."""
        for place, found in groupby(self._bucket.list(), key=_place_in):
            group = tuple(found)
            if place.startswith("_corrupt/"):
                yield _holding("set aside", place, group)
            elif place.startswith("_leases/"):
                yield _holding("lease", place, group)
            elif place.startswith("_runs/"):
                yield _holding("run record", place, group)
            elif place:
                task, label, key = place.split("/")
                yield from self._artifact((task, label, key), group)
        for one in self._local.listed():
            if one.kind != "lease":
                yield one

    def discard(self, holding: Holding) -> int:
        """Remove one thing; the bytes that were freed."""
        if not holding.parts:
            return self._local.discard(holding)
        if holding.address is None:
            return self._deleted(holding.parts)
        lease = BucketLease(
            self._bucket, self._store.root / "_leases", holding.address[2], 60.0)
        with lease.held_now() as is_free:
            return self._removed(holding, holding.address) if is_free else 0

    @contextmanager
    def files(self, holding: Holding) -> Iterator[list[tuple[str, Path]]]:
        """Copies of one thing's objects, which are there meanwhile."""
        if not holding.parts:
            with self._local.files(holding) as found:
                yield found
            return
        with tempfile.TemporaryDirectory(prefix="setlist-look-") as folder:
            places = [(one, Path(folder, f"{number}-{one.name.rpartition('/')[2]}"))
                      for number, one in enumerate(holding.parts)]  # fmt: skip
            at_once(lambda pair: self._fetched(*pair), places)
            yield [(one.name, place) for one, place in places if place.exists()]

    def _fetched(self, one: Stored, place: Path) -> None:
        if not self._bucket.download(one.name, place, one.generation):
            place.unlink()

    def _artifact(self, address: Address, group: listing.Group) -> Iterator[Holding]:
        """An artifact, and apart from it what another attempt to build it left beside it."""
        verdict = listing.judged(address, group, self._store.manifest)
        if not isinstance(verdict, Known):
            kind: Kind = "unfinished" if listing.manifest_in(group) is None else "artifact"
            yield _holding(kind, "/".join(address), group, address)
            return
        names = {listing.object_of(address, name, sha256)
                 for name, _, sha256 in verdict.entry.files}
        own = tuple(one for one in group if one.name in names or one.name.count("/") == 3)
        yield _holding("artifact", "/".join(address), own, address)
        if rest := tuple(one for one in group if one not in own):
            yield _holding("unfinished", "/".join(address), rest, address)

    def _removed(self, holding: Holding, address: Address) -> int:
        """Remove an artifact, its manifest first, or what no manifest names; we hold the lease."""
        committed = listing.manifest_in(holding.parts)
        if committed is None:
            return 0 if self._is_named(holding, address) else self._deleted(holding.parts)
        if not self._bucket.delete(committed.name, committed.generation):
            return 0
        self._store.index.forget(address)
        self._store.cache.drop(address)
        rest = tuple(one for one in holding.parts if one is not committed)
        return committed.size + self._deleted(rest)

    def _is_named(self, holding: Holding, address: Address) -> bool:
        """Whether an artifact that exists now is made of what was left by another attempt."""
        manifest = self._bucket.read(f"{'/'.join(address)}/{listing.MANIFEST}") or b""
        return any(one.name.split("/")[3].encode() in manifest for one in holding.parts)

    def _deleted(self, objects: tuple[Stored, ...]) -> int:
        """Remove objects that are still as they were listed; their size."""
        freed: list[int] = []

        def delete(one: Stored) -> None:
            if self._bucket.delete(one.name, one.generation):
                freed.append(one.size)

        at_once(delete, list(objects))
        return sum(freed)


def _holding(
    kind: Kind, name: str, group: tuple[Stored, ...], address: Address | None = None
) -> Holding:
    size = sum(one.size for one in group)
    return Holding(kind, name, size, max(map(_written, group)), address, group)


def _written(one: Stored) -> float:
    with contextlib.suppress(ValueError):
        return dt.datetime.fromisoformat(one.updated).timestamp()
    return float("inf")  # of unknown age is never old


def _place_in(one: Stored) -> str:
    """What an object is a part of: an artifact, a grave, a lease, a record; "" if not ours."""
    parts = one.name.split("/")
    if parts[0] == "_corrupt" and len(parts) > 4:
        return "/".join(parts[:4])
    if parts[0] in ("_leases", "_runs") and len(parts) == 2:
        return one.name
    where = listing.address_in(one)
    return "/".join(where) if where else ""
