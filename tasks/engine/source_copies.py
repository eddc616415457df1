"""Objects of a source on this machine: only while they are read, checked, and bounded.

::

    <root>/_fetched/<bucket>/<folder>/<key>/<name>   a whole object; the oldest go first
    <root>/_heads/<key>                              the first bytes of an object, and their hash

What a recipe is given are exactly the bytes that the listing of its run promised: one generation,
whose size and checksum are compared after the last byte has come. So a source in a bucket
need not be looked at again when the recipe has ended.
"""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from tasks.engine.bucket import Stored
from tasks.engine.bucket_path import BucketPath, identity_of
from tasks.engine.cache import PayloadCache
from tasks.engine.errors import CorruptPayload, SourceChanged, SourceMissing
from tasks.engine.identity import digest_of
from tasks.engine.journal import Address
from tasks.engine.transfer import at_once, crc32c_of

#: Bytes of an object that are enough to see what it is.
_HEAD = 16 << 10

#: How often bytes that are not what the listing says are asked for again.
_TRIES = 3


class SourceCopies:
    """Copies of a source's objects, at most ``limit`` bytes when nobody reads them."""

    def __init__(self, root: Path, limit: int):
        self._cache = PayloadCache(root / "_fetched", limit)
        self._heads = root / "_heads"
        self._users, self._is_held = 0, False

    def place(self, path: BucketPath) -> Path:
        """Where the copy of an object lies, whether it is there or not."""
        return self._cache.path(_address(path)) / path.name

    def bring_all(self, paths: Iterable[BucketPath]) -> None:
        """Have copies of these objects, several at once, while they are `in_use`.

        Raises `SourceChanged` or `SourceMissing` when an object is not what was listed any more,
        `CorruptPayload` when its bytes come wrong again and again.
        """
        wanted = list(paths)
        for one in wanted:
            self._hold(one)
        at_once(lambda one: self._bring(one), wanted)

    def opened(self, path: BucketPath) -> IO[bytes]:
        """A copy, open for reading; it may lose its name meanwhile."""
        with self.in_use():
            self.bring_all([path])
            return self.place(path).open("rb")

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Copies that are brought meanwhile stay; afterwards those over the limit are removed."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._is_held and not self._users:
                self._cache.release()
                self._is_held = False

    def head(self, path: BucketPath) -> bytes:
        """The first bytes of an object; asked for once, and remembered by its checksums."""
        place = self._heads / _key(path)
        with contextlib.suppress(FileNotFoundError):
            kept = place.read_bytes()
            if hashlib.sha256(kept[32:]).digest() == kept[:32]:
                return kept[32:]
        head = self._asked_head(path)
        self._heads.mkdir(parents=True, exist_ok=True)
        coming = self._heads / f".{uuid.uuid4().hex}"
        coming.write_bytes(hashlib.sha256(head).digest() + head)
        os.replace(coming, place)
        return head

    def _asked_head(self, path: BucketPath) -> bytes:
        """A part of an object has no checksum of its own, so it must come twice the same."""
        if path.stored.size <= _HEAD:
            with self.opened(path) as whole:
                return whole.read()
        bucket, stored = path.listing.bucket, path.stored
        for _ in range(_TRIES):
            heads = [bucket.head(stored.name, stored.generation, _HEAD) for _ in range(2)]
            if heads[0] is None or heads[1] is None:
                stored = _now(path)
            elif heads[0] == heads[1] and len(heads[0]) == _HEAD:
                return heads[0]
        raise CorruptPayload(str(path), "the same first bytes twice", "others each time")

    def _hold(self, path: BucketPath) -> None:
        self._is_held = True
        self._cache.hold(_address(path))

    def _bring(self, path: BucketPath) -> None:
        place = self.place(path)
        if self._cache.lacks(_address(path), path.name, path.stored.size) or (
            crc32c_of(place) != path.stored.crc32c
        ):
            self._download(path)

    def _download(self, path: BucketPath) -> None:
        with self._cache.arriving(_address(path), path.name) as coming:
            _receive(path, coming)


def _receive(path: BucketPath, coming: Path) -> None:
    """Write the bytes that were listed, and no others, to a file."""
    stored, found = path.stored, "another generation each time"
    expected = _description(stored.size, stored.crc32c)
    for _ in range(_TRIES):
        if not path.listing.bucket.download(stored.name, coming, stored.generation):
            stored = _now(path)
            continue
        found = _description(coming.stat().st_size, crc32c_of(coming))
        if found == expected:
            return
    raise CorruptPayload(str(path), expected, found)


def _now(path: BucketPath) -> Stored:
    """An object that was written again since it was listed: fine as long as it has the bytes."""
    now = path.listing.bucket.stat(path.inside)
    if now is None:
        raise SourceMissing(
            f"{path} was there when the run listed it, and is gone. Nothing was kept; run again."
        )
    if identity_of(now) != path.identity:
        raise SourceChanged(str(path))
    return now


def _description(size: int, crc32c: str) -> str:
    return f"{size:,} bytes with crc32c {crc32c}"


def _key(path: BucketPath) -> str:
    return digest_of([str(path), path.identity])


def _address(path: BucketPath) -> Address:
    folder = path.inside.rpartition("/")[0].replace("/", "+") or "files"
    return path.listing.bucket.name, folder[-200:], _key(path)
