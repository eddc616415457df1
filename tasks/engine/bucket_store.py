"""The store in a bucket: payloads are uploaded first, and the manifest is created if it is absent.

Creating the manifest is the commit: of several writers one succeeds, and the others take what it
committed. A payload's object is named by its content, so sending it again changes nothing. What
was read or written here is kept as a copy on this machine (`cache`).
"""

import contextlib
import hashlib
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

from tasks.engine import listing
from tasks.engine.bucket import Bucket
from tasks.engine.bucket_errors import refuse_location
from tasks.engine.bucket_holdings import BucketHoldings
from tasks.engine.bucket_lease import BucketLease
from tasks.engine.bucket_runs import BucketRuns
from tasks.engine.cache import PayloadCache
from tasks.engine.errors import CorruptPayload, InputChanged
from tasks.engine.index import Index
from tasks.engine.journal import Address, Entry, entry_of
from tasks.engine.lease import Lease
from tasks.engine.listing import MANIFEST, Group, Known
from tasks.engine.manifest import Manifest, Payload, from_json
from tasks.engine.payload import read_payload
from tasks.engine.settings import Settings
from tasks.engine.transfer import Transfers


class BucketStore:
    """Artifacts in a bucket of Google Cloud Storage, and copies of them on this machine."""

    def __init__(self, settings: Settings):
        self.root = settings.root
        self.bucket = Bucket(settings.bucket)
        self.cache = PayloadCache(settings.root, settings.cache_bytes)
        self.runs = BucketRuns(self.bucket)
        self.transfers = Transfers(self.bucket, self.cache)
        self.index = Index(settings.root / "_journal.jsonl")
        self._listing_seconds = settings.listing_seconds
        self._location = settings.location
        self._listed_at = float("-inf")
        self._has_just_listed = False
        self._bad: dict[Address, Group] = {}
        self._checked: dict[Address, list[tuple[str, int, int]]] = {}

    def refresh(self) -> None:
        """List the whole store, unless that was done a moment ago."""
        self._has_just_listed = time.monotonic() - self._listed_at >= self._listing_seconds
        if not self._has_just_listed:
            self.index.hear()
            return
        if self._location:
            refuse_location(self.bucket.url, self.bucket.location(), self._location)
            self._location = ""
        began = time.monotonic()
        self.index.replace(listing.groups(self.bucket.list()))
        self._listed_at = began

    def path(self, address: Address) -> Path:
        """The folder of an artifact's copies."""
        return self.cache.path(address)

    def folder(self, address: Address) -> Path:
        """The folder of an artifact's copies: all of them, checked, if it exists."""
        entry = self.find(address)
        if entry is not None and self._checked.get(address) != self.cache.signature(address):
            self.manifest(address)
            self.read(entry, as_path=True)
            self._checked[address] = self.cache.signature(address)
        self.cache.hold(address)
        return self.path(address)

    def link(self, address: Address) -> str:
        """Where a person finds an artifact: its page in the console."""
        place = self.bucket.url.removeprefix("gs://")
        return f"https://console.cloud.google.com/storage/browser/{place}/{'/'.join(address)}"

    def lease(self, key: str, seconds: float) -> Lease:
        """The right to build a key, between all machines that use the bucket."""
        return BucketLease(self.bucket, self.root / "_leases", key, seconds)

    def holdings(self) -> BucketHoldings:
        """All that lies in the bucket, and what is kept here, to be cleaned."""
        return BucketHoldings(self)

    def find(
        self, address: Address, every_byte: bool = False, listed: bool = False
    ) -> Entry | None:
        """The entry of an artifact that exists with all its files in their full size.

        The bucket is asked for what neither the listing nor a process of this machine knows.
        """
        known = self.index.find(address, self._opened)
        if known is None and not (listed and self._has_just_listed):
            known = self._look(address)
        if known is None or (every_byte and self.problem(address, every_byte)):
            return None
        return known.entry

    def problem(self, address: Address, every_byte: bool = False) -> str | None:
        """What is wrong with an artifact that `find` does not find; None if it never existed."""
        group = self._group(address)
        verdict = listing.judged(address, group, self._opened)
        if verdict is None:
            return "its objects are gone" if self.index.has_known(address) else None
        problem = verdict if isinstance(verdict, str) else None
        if problem is None and every_byte and isinstance(verdict, Known):
            try:
                self.transfers.download(verdict.entry)
            except CorruptPayload as error:
                problem = str(error)
        if problem is not None:
            self._bad[address] = group
        return problem

    def manifest(self, address: Address) -> Manifest:
        """The manifest of an artifact. Raises `CorruptPayload` when it is absent or torn."""
        place = self.path(address) / MANIFEST
        with contextlib.suppress(OSError):
            content = place.read_bytes()
            if hashlib.sha256(content).hexdigest() == self.index.manifest_hash(address):
                return from_json(content.decode("utf-8"), str(place))
        return self._opened(address)

    def entries(self, task: str, label: str) -> list[Entry]:
        """The artifacts under a label that the last listing and this machine know."""
        found = [self.index.find(one, self._opened) for one in self.index.under(task, label)]
        return [known.entry for known in found if known is not None]

    def latest(self, task: str, label: str) -> Manifest | None:
        """The newest known artifact under a label that can still be read."""
        for entry in sorted(self.entries(task, label), key=attrgetter("created"), reverse=True):
            with contextlib.suppress(CorruptPayload):
                return self.manifest(entry.address)
        return None

    def seconds(self, task: str, label: str) -> float | None:
        """How long the newest known artifact under a label took, as its listing says."""
        newest = self.newest(task, label)
        known = newest and self.index.find(newest.address, self._opened)
        return known.seconds if known else None

    def labels(self, task: str) -> list[str]:
        """The labels that the last listing knows of a task."""
        self._list_once()
        return self.index.labels(task)

    def every(self, task: str, label: str) -> list[Entry]:
        """The artifacts under a label that the last listing knows."""
        self._list_once()
        return self.entries(task, label)

    def newest(self, task: str, label: str) -> Entry | None:
        """The newest artifact under a label that the last listing knows."""
        return max(self.every(task, label), key=attrgetter("created"), default=None)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A private folder to write a payload in; removed unless committed."""
        stage = self.root / "_staging" / uuid.uuid4().hex
        stage.mkdir(parents=True)
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            self.cache.release()

    def deliver(
        self, files: Path, stage: Path, address: Address, payload: dict[str, Payload]
    ) -> None:
        """Send the files ahead; whoever commits them need not have them."""
        self.transfers.upload(files, address, payload)

    def commit(self, stage: Path, manifest: Manifest) -> Entry:
        """Make a staged payload exist, or take the equal artifact that was there first."""
        address = (manifest.task, manifest.label, manifest.key)
        said = listing.about(manifest, text := manifest.to_json().encode("utf-8"))
        (stage / MANIFEST).write_bytes(text)
        self.transfers.upload(stage, address, manifest.payload)
        if self.bucket.create(f"{'/'.join(address)}/{MANIFEST}", text, said) is None:
            return self._taken(address)
        self.cache.adopt(stage, address)
        known = Known(entry_of(manifest), said["sha256"], manifest.seconds)
        self.index.commit(known)
        return known.entry

    def fetch(self, entries: Iterable[Entry]) -> None:
        """Copy the files of artifacts, many at once; what is bad is said when it is read."""
        wanted = list(entries)
        for one in wanted:
            self.cache.hold(one.address)
        self.transfers.fetch(wanted)

    def read(self, entry: Entry, as_path: bool = False) -> Any:
        """The value of an artifact (or where its copies lie), after checking every byte of it."""
        folder = str(self.path(entry.address))
        with contextlib.suppress(CorruptPayload):
            self.fetch([entry])
            return read_payload(entry, folder, as_path, self.cache.sound(entry))
        # The copy is bad, or what it is a copy of.
        try:
            self.transfers.download(entry)
            return read_payload(entry, folder, as_path)
        except CorruptPayload:
            self.index.forget(entry.address)
            if self._opened(entry.address).digest != entry.digest:
                raise InputChanged("/".join(entry.address)) from None
            raise

    def set_aside(self, address: Address) -> str | None:
        """Keep a copy of what `problem` found bad, and remove its manifest if it is still there.

        A newer artifact is left alone. Payload objects stay: those that are bad are replaced
        when the artifact is built again, and others may already belong to whoever was faster.
        """
        group = self._bad.pop(address, None) or self._group(address)
        committed = listing.manifest_in(group)
        self.index.forget(address)
        self.cache.drop(address)
        if committed is None:
            return None
        grave = f"_corrupt/{'/'.join(address)}-{uuid.uuid4().hex[:6]}"
        for one in group:
            self.bucket.copy(one.name, grave + one.name.removeprefix("/".join(address)),
                             one.generation)
        is_ours = self.bucket.delete(committed.name, committed.generation)
        return f"{self.bucket.url}/{grave}" if is_ours else None

    def by_key(self, task: str) -> dict[str, Address]:
        """Where the artifacts of a task that the listing and this machine know lie, by key."""
        self._list_once()
        return {address[2]: address for address in self.index.addresses(task)}

    def _look(self, address: Address) -> Known | None:
        verdict = listing.judged(address, self._group(address), self._opened)
        if not isinstance(verdict, Known):
            return None
        self.index.enter(verdict)
        return verdict

    def _group(self, address: Address) -> Group:
        """The objects of one artifact, as they are now."""
        found = listing.groups(self.bucket.list("/".join(address) + "/"))
        return next((group for where, group in found if where == address), ())

    def _opened(self, address: Address) -> Manifest:
        """The manifest as the bucket has it; a copy is kept."""
        name = f"{'/'.join(address)}/{MANIFEST}"
        content, where = self.bucket.read(name), f"{self.bucket.url}/{name}"
        if content is None:
            raise CorruptPayload(where, "a manifest", "no object")
        manifest = from_json(content.decode("utf-8", "replace"), where)
        with self.cache.arriving(address, MANIFEST) as place:
            place.write_bytes(content)
        return manifest

    def _taken(self, address: Address) -> Entry:
        """What another writer committed first."""
        self.cache.drop(address)
        entry = entry_of(self._opened(address))
        self.index.enter(Known(entry, "", None))
        return entry

    def _list_once(self) -> None:
        if self._listed_at == float("-inf"):
            self.refresh()
