"""Payload files between this machine and a bucket: several at once, checked at both ends."""

import base64
import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from tasks.engine.bucket import Bucket
from tasks.engine.cache import PayloadCache
from tasks.engine.errors import CorruptPayload, StoreError
from tasks.engine.hashed_file import hashed_file
from tasks.engine.journal import Address, Entry
from tasks.engine.listing import object_of
from tasks.engine.manifest import Payload
from tasks.engine.payload import SMALL, check, check_content

Item = TypeVar("Item")

#: Transfers at once. More only wait for Python's lock.
_THREADS = 8

#: How often an object that others keep changing is written again, or a bad one read.
_TRIES = 3


class Transfers:
    """Uploads from staging folders, and downloads into the cache."""

    def __init__(self, bucket: Bucket, cache: PayloadCache):
        self.bucket = bucket
        self.cache = cache

    def upload(self, stage: Path, address: Address, payload: dict[str, Payload]) -> None:
        """Make the objects of a staged payload exist, with exactly its bytes.

        A file that is not there was sent ahead from where it was made.
        """
        at_once(lambda one: self._upload(stage / one[0], object_of(address, *one)),
                [(name, one.sha256) for name, one in payload.items() if (stage / name).exists()])
        for name, one in payload.items():
            if not (stage / name).exists():
                self._refuse_absent(object_of(address, name, one.sha256), one.size)

    def fetch(self, entries: Iterable[Entry]) -> None:
        """Copy what is not here yet; what is bad or gone stays absent, and is said when read."""
        wanted = [(entry.address, file) for entry in entries for file in entry.files
                  if self.cache.lacks(entry.address, *file[:2])]  # fmt: skip
        at_once(lambda one: self._try_download(*one), wanted)

    def download(self, entry: Entry) -> None:
        """Copy all files of an artifact anew. Raises `CorruptPayload`."""
        at_once(lambda file: self._download(entry.address, file), list(entry.files))

    def _upload(self, path: Path, name: str) -> None:
        for _ in range(_TRIES):
            if self.bucket.create(name, path) is not None:
                return
            found = self.bucket.stat(name)
            if found is not None and found.crc32c == crc32c_of(path):
                return  # the same content, sent by another (or before we were killed)
            if found is not None and self.bucket.replace(name, path, found.generation):
                return
        raise StoreError(f"{self.bucket.url}/{name} is written by another process all the time")

    def _refuse_absent(self, name: str, size: int) -> None:
        found = self.bucket.stat(name)
        if found is None or found.size != size:
            raise self._absent(name, size, f"{found.size:,}" if found else "no object")

    def _try_download(self, address: Address, file: tuple[str, int, str]) -> None:
        with contextlib.suppress(CorruptPayload):
            self._download(address, file)

    def _download(self, address: Address, file: tuple[str, int, str]) -> None:
        with self.cache.arriving(address, file[0]) as place:
            for tries_left in reversed(range(_TRIES)):
                try:
                    self._receive(address, file, place)
                    break
                except CorruptPayload:
                    # What came in two parts was not checked on the way: look twice.
                    if not tries_left or not place.exists():
                        raise
        self.cache.vouch(address, file[0], file[2])

    def _receive(self, address: Address, file: tuple[str, int, str], place: Path) -> None:
        name, size, sha256 = file
        where = object_of(address, name, sha256)
        if size <= SMALL:
            self._receive_small(where, size, sha256, place)
            return
        with hashed_file(place) as coming:
            is_there = self.bucket.receive(where, coming.handle)
        if not is_there:
            place.unlink()
            raise self._absent(where, size)
        check(str(place), size, sha256, coming.sha256)

    def _receive_small(self, where: str, size: int, sha256: str, place: Path) -> None:
        """In memory: of a small file, what the disk is asked costs more than its bytes."""
        content = self.bucket.read(where)
        if content is None:
            raise self._absent(where, size)
        place.write_bytes(content)
        check_content(content, str(place), size, sha256)

    def _absent(self, where: str, size: int, found: str = "no object") -> CorruptPayload:
        return CorruptPayload(f"{self.bucket.url}/{where}", f"{size:,} bytes", found)


def at_once(work: Callable[[Item], None], items: list[Item]) -> None:
    """Do some work for each item, several at a time; the first error is raised."""
    if len(items) < 2:
        for one in items:
            work(one)
        return
    with ThreadPoolExecutor(min(_THREADS, len(items))) as threads:
        for done in [threads.submit(work, one) for one in items]:
            done.result()


def crc32c_of(path: Path) -> str:
    """The checksum of a file as the bucket writes it."""
    import google_crc32c

    checksum = google_crc32c.Checksum()
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            checksum.update(chunk)
    return base64.b64encode(checksum.digest()).decode()
