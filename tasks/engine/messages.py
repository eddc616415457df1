"""Messages that somebody sends to a running task from the scheduler's page.

One is understood, ``stop``: the task ends as failed and nothing of it is kept. No message can
change what a task makes, for its artifact is known by its recipe and its inputs alone.
"""

import queue
from typing import Any

from tasks.engine.errors import Stopped

STOP = "stop"


def heed(waiting: Any) -> None:
    """Answer the messages in Luigi's queue, if there is one. Raises `Stopped` for ``stop``."""
    while (message := _next(waiting)) is not None:
        if str(message).strip().lower() == STOP:
            message.respond("stopping; nothing of it is kept")
            raise Stopped("somebody asked for it on the scheduler's page; run again to build it")
        message.respond(f"only {STOP!r} is understood")


def _next(waiting: Any) -> Any:
    if waiting is None:
        return None
    try:
        return waiting.get_nowait()
    except (queue.Empty, IndexError):
        return None
