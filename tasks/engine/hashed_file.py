"""A file whose hash is known when it has been written: a large one is not read again for it."""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

#: Bytes that are hashed and written at once; hashing so many does not hold Python's lock.
_BUFFER = 1 << 20

#: No place in a file: what was hashed is not what is in it.
_NEVER = -1 << 63


class _Hashed(io.RawIOBase):
    """What is written from the beginning, in order, is hashed; going back begins anew."""

    def __init__(self, path: Path):
        self._file = path.open("wb", buffering=0)
        self._restart()

    def _restart(self) -> None:
        self._hash, self._hashed = hashlib.sha256(), 0

    @property
    def sha256(self) -> str | None:
        return self._hash.hexdigest() if self._hashed == self._file.tell() else None

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        in_order = self._hashed == self._file.tell()
        written = self._file.write(content)
        self._hash.update(memoryview(content)[:written])
        self._hashed = self._hashed + written if in_order else _NEVER
        return written

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        at = self._file.seek(offset, whence)
        if at == 0:
            self._restart()
        return at

    def truncate(self, size: int | None = None) -> int:
        return self._file.truncate(size)

    def close(self) -> None:
        self._file.close()
        super().close()


class Written:
    """A file that is being written: where to, and the hash of what was."""

    def __init__(self, raw: _Hashed):
        self._raw = raw
        self.handle: IO[bytes] = io.BufferedWriter(raw, _BUFFER)
        self.sha256: str | None = None
        """Known after the end; None if the bytes did not come in order."""

    def end(self) -> None:
        """Nothing more comes."""
        self.handle.flush()
        self.sha256 = self._raw.sha256
        self.handle.close()


@contextlib.contextmanager
def hashed_file(path: Path) -> Iterator[Written]:
    """Write a new file, and know its SHA-256 afterwards."""
    written = Written(_Hashed(path))
    try:
        yield written
    finally:
        written.end()
