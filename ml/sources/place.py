"""Where a source's files lie, as far as its ``days`` and ``labelled`` may look at them.

A `pathlib.Path` is a place, and so is what the tasks make of the listing of a bucket: there
names, sizes and times come from the listing, and only `open` asks the bucket for bytes. `read` of
a source is always given files on this machine.
"""

import os
from collections.abc import Iterable
from typing import IO, Any, Literal, Protocol, Self


class Place(Protocol):
    """The part of `pathlib.Path` that a source may use to look around."""

    @property
    def name(self) -> str:
        """The last part of the name."""

    def __truediv__(self, name: str, /) -> Self: ...

    def __lt__(self, other: Any, /) -> bool: ...

    def __hash__(self) -> int: ...

    def glob(self, pattern: str, /) -> Iterable[Self]:
        """What lies below and matches."""

    def iterdir(self) -> Iterable[Self]:
        """What lies directly below. Raises FileNotFoundError when it is no folder."""

    def exists(self) -> bool:
        """Whether there is such a file or folder."""

    def is_dir(self) -> bool:
        """Whether there is such a folder."""

    def stat(self) -> os.stat_result:
        """Size (``st_size``) and time of the last change (``st_mtime_ns``)."""

    def open(self, mode: Literal["rb"], /) -> IO[bytes]:
        """The bytes, from the first; of an object in a bucket best only the first few."""
