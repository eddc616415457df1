"""A process of the nursery: it does what it is asked, and may be asked again if nothing is left.

One that has done what it was asked has read the code and the frames that the next recipe needs.
One in which a recipe failed, or left a thread, a process or much memory, ends.
"""

import contextlib
import ctypes
import json
import os
import random
import resource
import signal
import socket
import sys
import threading
import traceback
from dataclasses import dataclass
from typing import Any, NoReturn

#: The peak of memory (KiB) above which a process is not used again.
_MOST_MEMORY = 1 << 20

#: `prctl(2)`: be sent a signal when the parent dies; be the parent of orphans below.
_DIE_WITH_PARENT, _ADOPT = 1, 36


@dataclass(frozen=True)
class Request:
    """A program (Python text) and its arguments; where and with what it runs; for whom.

    Two requests for the same ``company`` may have the same process, one after the other; without
    one, a process is used once.
    """

    program: str
    arguments: list[str]
    environment: dict[str, str]
    path: list[str]
    folder: str
    company: str = ""

    @property
    def terms(self) -> tuple[Any, ...]:
        """What two requests must share to be given the same process."""
        return self.environment, self.path, self.folder, self.company


def read(number: int) -> Any:
    """What `asking.written` wrote, by the number of the file's descriptor, which is closed."""
    with os.fdopen(number, "rb") as file:
        file.seek(0)
        return json.load(file)


def live(given: list[int], orders: socket.socket, nursery: int, trouble: str) -> NoReturn:
    """Do what is asked, and what is sent then, while that goes well; end without goodbyes.

    ``given`` are descriptors: for output, for errors, and of the request's file. ``trouble`` is
    why nothing can be done, if so.
    """
    _settle(nursery)
    while given:
        *outputs, written = given
        request = Request(**read(written))
        _redirect(outputs)
        code = _code_of(request, trouble)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        if code or not request.company or _has_left_something():
            os._exit(code)
        _redirect([os.open(os.devnull, os.O_WRONLY) for _ in outputs])
        orders.sendall(b".")
        _, given, _, _ = socket.recv_fds(orders, 1, 3)
    os._exit(0)


def _settle(nursery: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        system.prctl(_ADOPT, 1)
        if os.getppid() != nursery:
            os._exit(1)


def _redirect(outputs: list[int]) -> None:
    for ours, given in zip((1, 2), outputs, strict=True):
        os.dup2(given, ours)
        os.close(given)


def _code_of(request: Request, trouble: str) -> int:
    """Run a program; the exit code that a process for it alone would have."""
    try:
        os.environ.clear()
        os.environ.update(request.environment)
        os.chdir(request.folder)
        sys.path[:], sys.argv[:] = request.path, ["-c", *request.arguments]
        random.seed()
        if trouble:
            sys.exit(trouble)
        exec(request.program, {"__name__": "__main__"})
    except SystemExit as left:
        if isinstance(left.code, str):
            sys.stderr.write(left.code)
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _has_left_something() -> bool:
    """Whether a recipe left a thread, a process, or much memory."""
    if threading.active_count() > 1:
        return True
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > _MOST_MEMORY:
        return True
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
        return True
    return False
