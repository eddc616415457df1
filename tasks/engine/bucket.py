"""A bucket of Google Cloud Storage: the only place that knows its client.

Every write has a generation precondition, so it is safe to send again; every object carries a
token of whoever wrote it. When an answer is lost the client sends a write once more and is told
that the precondition does not hold: the token says that the write before was ours. Credentials
are the client's default chain; ``STORAGE_EMULATOR_HOST`` names another server.
"""

import contextlib
import functools
import io
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tasks.engine.bucket_errors import explained, is_final
from tasks.engine.errors import StoreError

#: Seconds to keep trying what is safe to try again, and to wait for one connection and answer.
_DEADLINE, _TIMEOUT, _SHORT = 180.0, (10.0, 60.0), (5.0, 10.0)

#: How often an object whose bytes change on the way is read again.
_TRIES = 5

#: Files larger than 8 MiB go up in chunks of this size, each of which can be sent again.
_CHUNK = 8 << 20

_FIELDS = "items(name,size,generation,crc32c,md5Hash,metadata,updated),nextPageToken"


@dataclass(frozen=True, slots=True)
class Stored:
    """One object, as the bucket describes it."""

    name: str
    size: int
    generation: int
    crc32c: str
    metadata: dict[str, str]
    md5: str = ""
    """Empty for an object that was composed of others."""
    updated: str = ""
    """When it was written, by the bucket's clock, as RFC 3339."""


class Bucket:
    """The objects of one bucket below a prefix; names are relative to it.

    Every method tries again for ``deadline`` seconds (`replace` only if it is ``patient``), then
    raises a `StoreError` that says what to do.
    """

    def __init__(self, url: str, deadline: float = _DEADLINE, setting: str = "[engine] root"):
        self.url = url.rstrip("/")
        scheme, _, place = self.url.partition("://")
        self.name, _, prefix = place.partition("/")
        if scheme != "gs" or not self.name:
            raise StoreError(f"{setting} is {url!r}; a bucket is written gs://name/prefix")
        self._prefix = f"{prefix}/" if prefix else ""
        self._deadline, self._setting = deadline, setting
        self._is_there = False
        self._clients: dict[int, Any] = {}

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Every object whose name begins so, in order of names; a thousand for each request."""
        with self._explained("list objects", "storage.objects.list"):
            found = self._client().list_blobs(
                self.name, prefix=self._prefix + prefix, fields=_FIELDS, page_size=1000,
                retry=self._retry, timeout=_TIMEOUT,
            )
            for blob in found:
                yield self._stored(blob)

    def stat(self, name: str) -> Stored | None:
        """What the bucket says of an object; None when it is not there."""
        with self._explained(f"look at {name}", "storage.objects.get"):
            try:
                blob = self._blob(name)
                blob.reload(retry=self._retry, timeout=_TIMEOUT)
            except _errors().NotFound:
                self._require_bucket()
                return None
        return self._stored(blob)

    def create(
        self, name: str, content: bytes | Path, metadata: dict[str, str] | None = None
    ) -> Stored | None:
        """Write an object that is not there yet; None when another writer was first."""
        return self.replace(name, content, 0, metadata)

    def replace(
        self, name: str, content: bytes | Path, generation: int,
        metadata: dict[str, str] | None = None, patient: bool = True,
    ) -> Stored | None:
        """Write an object over the generation that was seen; None when it is another now."""
        token = uuid.uuid4().hex
        with self._explained(f"write {name}", "storage.objects.create"):
            blob = self._blob(name, chunk_size=_CHUNK)
            blob.metadata = {**(metadata or {}), "writer": token}
            try:
                with _opened(content) as (handle, size):
                    blob.upload_from_file(
                        handle, size=size, if_generation_match=generation, checksum="crc32c",
                        retry=self._retry if patient else None,
                        timeout=_TIMEOUT if patient else _SHORT,
                    )
                return self._stored(blob)
            except Exception as error:
                if is_final(error):
                    raise
                # The write may have been carried out and only its answer lost.
                made = self.stat(name)
                if made is not None and made.metadata.get("writer") == token:
                    return made
                if isinstance(error, _errors().PreconditionFailed):
                    return None
                raise

    def read(self, name: str) -> bytes | None:
        """All bytes of a small object, checked; None when it is not there."""
        handle = io.BytesIO()
        return handle.getvalue() if self.receive(name, handle) else None

    def head(self, name: str, generation: int, size: int) -> bytes | None:
        """The first bytes of one generation, not checked; None when it is not there."""
        handle = io.BytesIO()
        is_there = self.receive(name, handle, generation=generation, end=size - 1)
        return handle.getvalue() if is_there else None

    def download(self, name: str, path: Path, generation: int | None = None) -> bool:
        """Stream an object (of one generation) into a file, checked; False when it is not there."""
        with path.open("wb", buffering=1 << 20) as handle:
            return self.receive(name, handle, generation=generation)

    def delete(self, name: str, generation: int) -> bool:
        """Remove one generation of an object, or find it gone; False when it is another now."""
        with self._explained(f"delete {name}", "storage.objects.delete"):
            try:
                self._blob(name).delete(
                    if_generation_match=generation, retry=self._retry, timeout=_TIMEOUT)
            except _errors().NotFound:
                return True  # by us, when an answer was lost, or by another
            except _errors().PreconditionFailed:
                return False
        return True

    def copy(self, name: str, new: str, generation: int) -> bool:
        """Copy one generation of an object within the bucket; False when it is another now."""
        with self._explained(f"copy {name}", "storage.objects.create"):
            source, token = self._blob(name), None
            try:
                while True:
                    token, _, _ = self._blob(new).rewrite(
                        source, token=token, if_source_generation_match=generation,
                        retry=self._retry, timeout=_TIMEOUT)
                    if token is None:
                        return True
            except (_errors().NotFound, _errors().PreconditionFailed):
                return False

    def location(self) -> str:
        """Where the bucket is, such as ``EUROPE-WEST1``."""
        with self._explained("read the bucket's description", "storage.buckets.get"):
            found = self._client().get_bucket(self.name, retry=self._retry, timeout=_TIMEOUT)
        return str(found.location)

    def receive(
        self, name: str, handle: IO[bytes], generation: int | None = None, end: int | None = None
    ) -> bool:
        """As `download`, into an open and empty file; perhaps not to the end."""
        with self._explained(f"read {name}", "storage.objects.get"):
            for tries_left in reversed(range(_TRIES)):
                try:
                    # Raw: the bytes as they are stored, which is what checksums are of.
                    self._blob(name, generation=generation).download_to_file(
                        handle, end=end, raw_download=True, checksum="crc32c", retry=self._retry,
                        timeout=_TIMEOUT)
                    return True
                except _errors().NotFound:
                    self._require_bucket()
                    return False
                except _corruption():
                    if not tries_left:
                        raise
                    # Not before there is something: a disk writes at once what was truncated.
                    handle.seek(0)
                    handle.truncate()
        return False

    def _require_bucket(self) -> None:
        """An object that is not found may be a bucket that is not there: ask for it once."""
        if not self._is_there:
            found = self._client().list_blobs(
                self.name, max_results=1, fields=_FIELDS, retry=self._retry, timeout=_TIMEOUT)
            next(iter(found), None)
            self._is_there = True

    @contextlib.contextmanager
    def _explained(self, what: str, permission: str) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
            raise explained(error, self.name, what, permission, self._setting) from error

    def _blob(self, name: str, **options: Any) -> Any:
        return self._client().bucket(self.name).blob(self._prefix + name, **options)

    def _stored(self, blob: Any) -> Stored:
        return Stored(blob.name.removeprefix(self._prefix), blob.size, blob.generation,
                      blob.crc32c, blob.metadata or {}, blob.md5_hash or "",
                      # As text: reading a time costs more than all the rest of a listing.
                      blob._properties.get("updated", ""))

    @functools.cached_property
    def _retry(self) -> Any:
        from google.cloud.storage.retry import DEFAULT_RETRY

        return DEFAULT_RETRY.with_delay(0.1, 10.0, 2.0).with_timeout(self._deadline)

    def _client(self) -> Any:
        """The process's client: a forked process must not use its parent's connections."""
        if os.getpid() not in self._clients:
            # No lock is taken: it could be held for ever in a fork. Of two made at once, one is
            # kept.
            self._clients.setdefault(os.getpid(), _new_client())
        return self._clients[os.getpid()]


def _new_client() -> Any:
    """A client that forks well and reads the machine's proxies and certificates once.

    Left alone it goes through all environment variables again for every request, which is a tenth
    of what a small object costs.
    """
    from google.cloud import storage

    # A thread that describes the bucket to a tracer may not live where we fork.
    os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    # Objects are looked up by bucket, so no project is needed.
    client = storage.Client(project=None)
    session = client._http
    found = session.merge_environment_settings(client.api_endpoint, {}, None, None, None)
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.trust_env = False
    return client


@contextlib.contextmanager
def _opened(content: bytes | Path) -> Iterator[tuple[IO[bytes], int]]:
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as handle:
        size = handle.seek(0, os.SEEK_END)
        handle.seek(0)
        yield handle, size


def _errors() -> Any:
    from google.api_core import exceptions

    return exceptions


def _corruption() -> Any:
    from google.cloud.storage.exceptions import DataCorruption

    return DataCorruption
