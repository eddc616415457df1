"""Small frames that this process has just read, for the tasks that read them again.

A window of four weeks is made anew every day of frames that hardly differ from yesterday's. What
was decoded is given out as a copy on write: whoever changes a frame changes one of his own.
"""

from collections import OrderedDict
from typing import Any

from tasks.engine.codec import is_frame


class RecentFrames:
    """Frames by what they were read from, up to about so many bytes; the last used stay."""

    def __init__(self, most_bytes: int):
        self.most_bytes = most_bytes
        self._frames: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def get(self, stamp: Any) -> Any:
        """The frame that was read from just this, or None."""
        if stamp not in self._frames:
            return None
        self._frames.move_to_end(stamp)
        return self._frames[stamp][0].copy(deep=False)

    def keep(self, stamp: Any, value: Any, read: int) -> None:
        """Keep a value, if it is a frame whose cells cannot be changed in place.

        ``read`` bytes of a file it was: to weigh a frame takes a third of the time of reading it,
        so it counts as its cells, and as text that was compressed to half.
        """
        if not is_frame(value) or any(getattr(one, "hasobject", False) for one in value.dtypes):
            return
        size = 8 * value.size + 2 * read
        self._frames[stamp] = value.copy(deep=False), size
        self._bytes += size
        while self._bytes > self.most_bytes:
            _, (_, gone) = self._frames.popitem(last=False)
            self._bytes -= gone
