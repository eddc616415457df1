"""One listing of a source's prefix for each run: all that a run needs to know what is there.

The listing is kept beside the store under the name of the run, so that a process that a run
starts sees what the run saw, and asks for nothing. A file that comes or changes in the course
of a run belongs to the next one.
"""

import contextlib
import json
import os
import time
import uuid
from pathlib import Path

from tasks.engine import runs
from tasks.engine.bucket import Bucket, Stored
from tasks.engine.bucket_path import BucketPath, SourceListing
from tasks.engine.identity import digest_of
from tasks.engine.source_copies import SourceCopies

#: Listings of runs that began so many seconds ago are removed.
_KEPT = 3 * 86400


class SourceListings:
    """Listings of source buckets, of the present run."""

    def __init__(self, root: Path, seconds: float, copies: SourceCopies):
        self._folder = root / "_listings"
        self._seconds = seconds
        self._copies = copies
        self._known: dict[str, tuple[str, float, SourceListing]] = {}

    def folder(self, url: str, setting: str) -> BucketPath:
        """What lies below ``gs://bucket/prefix``, which a setting names.

        Raises `StoreError` when the bucket cannot be listed, and says what to do.
        """
        run = runs.current()
        known = self._known.get(url)
        if known is None or known[0] != run:
            self._known[url] = run, *self._listing(Bucket(url, setting=setting), known)
        return BucketPath(self._known[url][2])

    def _listing(
        self, bucket: Bucket, known: tuple[str, float, SourceListing] | None
    ) -> tuple[float, SourceListing]:
        url, began = bucket.url, time.monotonic()
        place = self._folder / f"{runs.current()}-{digest_of([url])[:12]}.jsonl"
        with contextlib.suppress(FileNotFoundError):
            return began, SourceListing(bucket, _read(place), self._copies)
        if known is not None and began - known[1] < self._seconds:
            # Made a moment ago, before the run had its name.
            began, listing = known[1:]
        else:
            listing = SourceListing(bucket, bucket.list(), self._copies)
        self._keep(place, listing)
        return began, listing

    def _keep(self, place: Path, listing: SourceListing) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        coming = self._folder / f".{uuid.uuid4().hex}"
        with coming.open("w", encoding="utf-8") as lines:
            for one in listing.objects.values():
                said = [one.name, one.size, one.generation, one.crc32c, {}, one.md5]
                lines.write(json.dumps(said) + "\n")
        os.replace(coming, place)
        for old in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - old.stat().st_mtime > _KEPT:
                    old.unlink()


def _read(place: Path) -> list[Stored]:
    return [Stored(*json.loads(line)) for line in place.read_text(encoding="utf-8").splitlines()]
