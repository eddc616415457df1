"""Small frames that this process has just read, for the tasks that read them again.

A window of four weeks is made anew every day of frames that hardly differ from yesterday's. What
was decoded is given out as a copy on write: whoever changes a frame changes one of his own.
"""

from collections import OrderedDict
from typing import Any

from tasks.engine.codec import is_frame


class RecentFrames:
    """Frames by what they were read from, up to so many cells; the last used stay.

    Cells, of some 8 to 30 bytes: to weigh a frame takes a third of the time of reading it.
    """

    def __init__(self, most_cells: int):
        self.most_cells = most_cells
        self._frames: OrderedDict[Any, Any] = OrderedDict()
        self._cells = 0

    def get(self, stamp: Any) -> Any:
        """The frame that was read from just this, or None."""
        if stamp not in self._frames:
            return None
        self._frames.move_to_end(stamp)
        return self._frames[stamp].copy(deep=False)

    def keep(self, stamp: Any, value: Any) -> None:
        """Keep a value, if it is a frame whose cells cannot be changed in place."""
        if not is_frame(value) or any(getattr(one, "hasobject", False) for one in value.dtypes):
            return
        self._frames[stamp] = value.copy(deep=False)
        self._cells += value.size
        while self._cells > self.most_cells:
            _, gone = self._frames.popitem(last=False)
            self._cells -= gone.size
