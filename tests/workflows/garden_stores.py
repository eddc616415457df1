"""The stores of the garden's modes, and a hand that damages what lies in them."""

import shutil

from tasks.engine.bucket import Bucket


class FolderOf:
    """A mode's store in its own folder."""

    root = "store"

    def __init__(self, place):
        self.folder = place / "store"

    def payload(self, artifact):
        """The payload file of an artifact that was built once."""
        [found] = self.folder.glob(f"{artifact.replace(' ', '/')}/*/payload.json")
        return Payload(found.read_bytes, found.write_bytes, lambda: shutil.rmtree(found.parent))

    def clear(self):
        shutil.rmtree(self.folder)

    def graves(self, artifact):
        place = self.folder / "_corrupt" / artifact.replace(" ", "/")
        return len(list(place.glob("*/manifest.json")))

    def copy_to(self, other):
        """Nothing to do: the folder is copied with all that is in it."""


class BucketOf:
    """A mode's store in a bucket, below a prefix of its own; copies lie in the mode's folder."""

    def __init__(self, place, url):
        self.root, self.cache = url, place / "cache"
        self.bucket = Bucket(url)

    def payload(self, artifact):
        found = list(self.bucket.list(artifact.replace(" ", "/") + "/"))
        [one] = [stored for stored in found if stored.name.endswith("/payload.json")]
        return Payload(
            lambda: self.bucket.read(one.name), lambda content: self._write(one, content),
            lambda: [self.bucket.delete(every.name, every.generation) for every in found],
        )  # fmt: skip

    def clear(self):
        for one in self.bucket.list():
            self.bucket.delete(one.name, one.generation)
        shutil.rmtree(self.cache)

    def graves(self, artifact):
        found = self.bucket.list(f"_corrupt/{artifact.replace(' ', '/')}/")
        return sum(one.name.endswith("/manifest.json") for one in found)

    def copy_to(self, other):
        whole, prefix = Bucket(self.root.rpartition("/")[0]), self.root.rpartition("/")[2]
        for one in whole.list(f"{prefix}/"):
            new = other.root.rpartition("/")[2] + one.name.removeprefix(prefix)
            assert whole.copy(one.name, new, one.generation)

    def _write(self, one, content):
        """Damage the object; a good copy on this machine would hide it."""
        assert self.bucket.replace(one.name, content, one.generation)
        for copy in self.cache.rglob("payload.json"):
            copy.unlink()


class Payload:
    """One file of an artifact, wherever it lies."""

    def __init__(self, read_bytes, write_bytes, remove):
        self.read_bytes, self.write_bytes, self.remove = read_bytes, write_bytes, remove
