"""What a running task tells the scheduler's page, and hears from it."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tasks.engine import messages
from tasks.engine.progress import told_to


class Telling:
    """The part of an `ArtifactTask` that speaks with whoever watches."""

    isolated = False
    """Run the recipe in a fresh process of its own (for code that must not run in a fork)."""

    ranks = 1
    """In how many processes at once the recipe runs; with more than one it is given ``peers``,
    which it finds the others by (`tasks.engine.ranks`), and returns the same in each."""

    # Luigi puts these in place while the task runs.
    set_status_message: Any = None
    set_progress_percentage: Any = None
    set_tracking_url: Any = None
    scheduler_messages: Any = None

    _is_working = False

    @property
    def accepts_messages(self) -> bool:
        """Whether the scheduler's page offers to send a message: ``stop`` ends what runs long."""
        return self.isolated

    def tell(self, message: str, percent: int | None = None) -> None:
        """Show a sentence (and progress) in the scheduler's page, which renders HTML.

        Raises `Stopped` in the middle of work that a message from that page asks to stop.
        """
        if self._is_working:
            messages.heed(self.scheduler_messages)
        if self.set_status_message:
            self.set_status_message(html.escape(message))
        if percent is not None and self.set_progress_percentage:
            self.set_progress_percentage(percent)

    @contextmanager
    def working(self) -> Iterator[None]:
        """While this lasts, what the recipe tells is passed on, and messages are heeded."""
        self._is_working = True
        try:
            with told_to(self.tell):
                yield
        finally:
            self._is_working = False

    def link(self, url: str) -> None:
        """Point the scheduler's page at what was built."""
        if self.set_tracking_url:
            self.set_tracking_url(url)
