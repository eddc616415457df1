"""Names of a bucket's listing, looked at as `pathlib` looks at a folder; nothing is downloaded."""

import fnmatch
import functools
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Literal

from tasks.engine.bucket import Bucket, Stored
from tasks.engine.identity import digest_of


class SourceListing:
    """The objects below a prefix at one instant, by folder. Names that no file can have are out."""

    def __init__(self, bucket: Bucket, objects: Iterable[Stored], copies: Any):
        self.bucket, self.copies = bucket, copies
        self.objects = {one.name: one for one in objects if _is_file_name(one.name)}
        self.folders: dict[str, list[str]] = {"": []}
        for name in self.objects:
            self._enter(name)

    def _enter(self, name: str) -> None:
        while name:
            folder, _, last = name.rpartition("/")
            is_known = folder in self.folders
            self.folders.setdefault(folder, []).append(last)
            name = "" if is_known else folder


@dataclass(frozen=True, eq=False)
class BucketPath:
    """A file or folder of a listing. Its identity is its checksums and size, not its time."""

    listing: SourceListing
    inside: str = ""

    @functools.cached_property
    def stored(self) -> Stored:
        """What the listing says of the object. Raises FileNotFoundError when there is none."""
        if self.inside not in self.listing.objects:
            raise FileNotFoundError(f"{self} is not there")
        return self.listing.objects[self.inside]

    @property
    def identity(self) -> str:
        """The same for the same bytes, wherever they lie and whenever they were written."""
        return identity_of(self.stored)

    @property
    def name(self) -> str:
        """The last part of the name."""
        return self.inside.rpartition("/")[2]

    def exists(self) -> bool:
        """Whether the listing has such an object, or objects below it."""
        return self.inside in self.listing.objects or self.is_dir()

    def is_dir(self) -> bool:
        """Whether there are objects below it."""
        return bool(self.listing.folders.get(self.inside))

    def iterdir(self) -> Iterator["BucketPath"]:
        """What lies directly below. Raises FileNotFoundError when there is no such folder."""
        if not self.is_dir():
            raise FileNotFoundError(f"{self} is not there")
        return (self / name for name in self.listing.folders[self.inside])

    def glob(self, pattern: str) -> Iterator["BucketPath"]:
        """What lies below and matches; ``**`` stands for any folders."""
        first, _, rest = pattern.partition("/")
        if first == "**":
            yield from self.glob(rest or "*")
            for one in self._matching("*"):
                yield from one.glob(pattern)
            return
        for one in self._matching(first):
            if rest:
                yield from one.glob(rest)
            else:
                yield one

    def stat(self) -> os.stat_result:
        """Size and time: a generation is the microsecond in which the object was written."""
        nanoseconds = self.stored.generation * 1000
        seconds = nanoseconds // 10**9
        mode = stat.S_IFREG | 0o444
        return os.stat_result(
            (mode, 0, 0, 1, 0, 0, self.stored.size, seconds, seconds, seconds),
            {"st_mtime_ns": nanoseconds},
        )

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """The bytes: the first few are asked for alone and remembered; for more, all of them."""
        copies = self.listing.copies
        whole = functools.partial(copies.opened, self)
        return io.BufferedReader(_Lazy(copies.head(self), self.stored.size, whole))

    def _matching(self, pattern: str) -> list["BucketPath"]:
        if not any(sign in pattern for sign in "*?["):
            return [self / pattern] if (self / pattern).exists() else []
        names = self.listing.folders.get(self.inside, [])
        return [self / name for name in names if fnmatch.fnmatchcase(name, pattern)]

    def __truediv__(self, name: str) -> "BucketPath":
        return BucketPath(self.listing, "/".join(filter(None, [self.inside, name])))

    def __str__(self) -> str:
        return "/".join(filter(None, [self.listing.bucket.url, self.inside]))

    def __lt__(self, other: "BucketPath") -> bool:
        return self.inside.split("/") < other.inside.split("/")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BucketPath) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def identity_of(stored: Stored) -> str:
    """What names an object's bytes: its checksums, as the bucket computed them, and its size."""
    return digest_of([str(stored.size), stored.crc32c or "", stored.md5])


def _is_file_name(name: str) -> bool:
    """The console makes objects named ``folder/``, which are no files."""
    return not {"", ".", ".."}.intersection(name.split("/"))


class _Lazy(io.RawIOBase):
    """A file whose first bytes are here; the rest is brought when it is read."""

    def __init__(self, head: bytes, size: int, opened: Callable[[], IO[bytes]]):
        self._head, self._size, self._opened = head, size, opened
        self._whole: IO[bytes] | None = None
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        part = self._part(len(buffer))
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _part(self, size: int) -> bytes:
        if self._at < len(self._head) or self._at >= self._size:
            return self._head[self._at : self._at + size]
        self._whole = self._whole or self._opened()
        self._whole.seek(self._at)
        return self._whole.read(size)

    def close(self) -> None:
        if self._whole is not None:
            self._whole.close()
        super().close()
