"""The two stores, and a hand that damages what lies in them, for tests that are run on both."""

import shutil
import uuid

from tasks.engine import codec
from tasks.engine.bucket import Bucket
from tasks.engine.manifest import Manifest, digest_of_payload
from tasks.engine.payload import payload_of
from tasks.engine.settings import Settings
from tasks.engine.store import open_store

KEY = "0123456789abcdef" * 4
ADDRESS = ("Harvest", "roots.3", KEY)


class FolderPlace:
    """A store in a folder; each ``machine`` looks at it through a store of its own."""

    def __init__(self, folder, gcs=None):
        self.folder = folder / "store"

    def machine(self):
        return open_store(settings(self.folder))

    def names(self, address=ADDRESS):
        """The files of an artifact, without the part that leads to it."""
        place = self.folder.joinpath(*address)
        return sorted(one.name for one in place.iterdir()) if place.exists() else []

    def read(self, name, address=ADDRESS):
        return self.folder.joinpath(*address, name).read_bytes()

    def write(self, name, content, address=ADDRESS):
        self.folder.joinpath(*address, name).write_bytes(content)

    def remove(self, *names, address=ADDRESS):
        for name in names or [None]:
            place = self.folder.joinpath(*address, *([name] if name else []))
            shutil.rmtree(place) if place.is_dir() else place.unlink()

    def graves(self):
        return sorted(one.name for one in self.folder.glob("_corrupt/*/*/*"))


class BucketPlace:
    """A store in a bucket; each ``machine`` has copies of its own."""

    def __init__(self, folder, gcs):
        self.copies = folder
        self.bucket = Bucket(f"gs://{gcs.new_bucket()}/some/prefix")

    def machine(self, **options):
        place = self.copies / uuid.uuid4().hex[:6]
        return open_store(settings(place, bucket=self.bucket.url, **options))

    def names(self, address=ADDRESS):
        return sorted(self._objects(address))

    def read(self, name, address=ADDRESS):
        return self.bucket.read(self._objects(address)[name].name)

    def write(self, name, content, address=ADDRESS):
        old = self._objects(address)[name]
        assert self.bucket.replace(old.name, content, old.generation, old.metadata)

    def remove(self, *names, address=ADDRESS):
        for name, one in self._objects(address).items():
            if not names or name in names:
                assert self.bucket.delete(one.name, one.generation)

    def graves(self):
        return sorted({one.name.split("/")[3] for one in self.bucket.list("_corrupt/")})

    def _objects(self, address):
        return {one.name.rpartition("/")[2]: one
                for one in self.bucket.list("/".join(address) + "/")}  # fmt: skip


def settings(folder, bucket="", **options):
    return Settings(address=bucket or str(folder), cache=folder, **options)


def commit(store, value, address=ADDRESS, created="2026-01-05T00:00:00", seconds=1.5):
    """Commit a value as a build does; the entry that was taken."""
    with store.staging() as stage:
        kind = codec.write(value, stage)
        payload = payload_of(stage)
        return store.commit(stage, manifest(kind, payload, address, created, seconds))


def manifest(kind, payload, address=ADDRESS, created="2026-01-05T00:00:00", seconds=1.5):
    return Manifest(
        *address, parameters={"day": "3"}, function="garden:harvest", values={}, code={},
        libraries={}, inputs={}, payload=payload, codec=kind, digest=digest_of_payload(payload),
        rows=None, reasons=[], previous=None, created=created, seconds=seconds,
        peak_memory_bytes=None, host="here",
    )  # fmt: skip


def same_size(content):
    """Other bytes, as many."""
    return bytes([content[0] ^ 1]) + content[1:]
