"""Being asked to stop: an orderly end that still tells, instead of a sudden one."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn


class Stopped(KeyboardInterrupt):
    """SIGTERM: a time limit, a machine that shuts down, or a person who ends the run.

    A `KeyboardInterrupt`, because Luigi takes everything else for the failure of one task.
    """

    exit_code = 128 + signal.SIGTERM


@contextmanager
def stopping() -> Iterator[None]:
    """Turn SIGTERM into `Stopped` here, and leave it deadly in the processes we fork."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python hears signals in the main thread alone
        return
    ours = os.getpid()

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        if os.getpid() != ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
        raise Stopped("was asked to stop (SIGTERM): a time limit, a shutdown, or a person")

    before: Any = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
