"""Small frames that this process has just written or read, for the tasks that read them next.

A window of four weeks is made anew every day of frames that hardly differ from yesterday's. What
was written is kept as the table that the file holds, and becomes a frame when it is first asked
for, as the file would. What was decoded is given out as a copy on write: whoever changes a frame
changes one of his own.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from tasks.engine.codec import frame_of, is_frame


class RecentFrames:
    """Frames by the hash of their file, up to about so many bytes; the last used stay.

    A ``stamp`` says which file, as it is now, was found to hold one.
    """

    def __init__(self, most_bytes: int):
        self.most_bytes = most_bytes
        self._frames: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0

    def get(self, sha256: str, stamp: Any = None) -> Any:
        """The frame of these bytes, or None; with a stamp, only if that file holds them."""
        kept = self._frames.get(sha256)
        if kept is None or (stamp is not None and stamp not in kept.stamps):
            return None
        self._frames.move_to_end(sha256)
        if not is_frame(kept.value):
            kept.value = frame_of(kept.value)
        return kept.value.copy(deep=False)

    def vouch(self, sha256: str, stamp: Any) -> None:
        """A file was found to have these bytes."""
        if sha256 in self._frames:
            self._frames[sha256].stamps.add(stamp)

    def keep(self, sha256: str, value: Any, read: int) -> None:
        """Keep a value, if it is a frame whose cells cannot be changed in place.

        ``read`` bytes of a file it was: to weigh a frame takes a third of the time of reading it,
        so it counts as its cells, and as text that was compressed to half.
        """
        if is_frame(value) and not any(getattr(one, "hasobject", False) for one in value.dtypes):
            self._enter(sha256, value.copy(deep=False), 8 * value.size + 2 * read)

    def keep_table(self, sha256: str, table: Any) -> None:
        """Keep the table that was written into a file."""
        self._enter(sha256, table, table.nbytes)

    def _enter(self, sha256: str, value: Any, size: int) -> None:
        if sha256 in self._frames:
            return
        self._frames[sha256] = _Kept(value, size)
        self._bytes += size
        while self._bytes > self.most_bytes:
            self._bytes -= self._frames.popitem(last=False)[1].size


@dataclass(slots=True)
class _Kept:
    """A frame, or the table it will be made of; its weight; the files that hold it."""

    value: Any
    size: int
    stamps: set[Any] = field(default_factory=set)
