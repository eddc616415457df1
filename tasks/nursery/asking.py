"""The nursery as those who ask it see it.

It is shared by every process forked from the one that started it, and ends when they have.
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import IO, Any, ClassVar

from tasks.nursery.process import Request
from tasks.nursery.tending import CHILD, LEARN


class Child:
    """A process at work for whoever asked; like ``subprocess.Popen``, as far as it is needed.

    It has ended, for whoever asked, when it has done what it was asked: the nursery may have it do
    something else then.
    """

    called = "the process"
    endings: ClassVar[dict[int | None, str]] = {
        None: "was lost: the process it was forked from is gone",
        -signal.SIGKILL: "was killed (out of memory?)",
        -signal.SIGABRT: "aborted inside a compiled library",
        -signal.SIGSEGV: "crashed inside a compiled library",
        -signal.SIGTERM: "was asked to stop",
    }
    """What a ``returncode`` means, in words."""

    def __init__(self, control: socket.socket, stdout: int, stderr: int):
        self.stdout: IO[str] = os.fdopen(stdout, errors="replace")
        self.stderr: IO[str] = os.fdopen(stderr, errors="replace")
        self.returncode: int | None = None
        self._control = control
        self._ended = threading.Event()
        # The first line is the process's number; no line at all, and the nursery is gone.
        self._lines = control.makefile("r")
        self.pid = int(self._lines.readline() or 0)
        threading.Thread(target=self._await, daemon=True).start()

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the end. Raises ``subprocess.TimeoutExpired``."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("a child of the nursery", timeout or 0.0)

    def end(self) -> None:
        """Have the process and everything it started ended, unless it has ended itself."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
        self.wait()

    def close(self) -> None:
        """Give back what was held for a process that has ended."""
        for one in (self.stdout, self.stderr, self._lines, self._control):
            one.close()

    def _await(self) -> None:
        line = self._lines.readline()
        self.returncode = int(line) if line else None
        self._ended.set()


class Nursery:
    """The side of those who ask. Start it before forking, and every fork shares it."""

    program: tuple[str, ...] = ("-c", "from tasks.nursery.tending import main; main()")
    """What Python is to run, as on its command line."""

    child_type: type[Child] = Child

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]):
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        life, self._life = os.pipe()
        self._process = subprocess.Popen(
            # -P: the modules beside a program are not to be taken for the library's.
            [sys.executable, "-P", *self.program, str(theirs.fileno()), str(life), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors(),
            pass_fds=(theirs.fileno(), life), start_new_session=True, env=environment,
        )
        self._learnt: set[str] = set()
        theirs.close()
        os.close(life)
        atexit.register(self._end, os.getpid())

    def errors(self) -> Any:
        """Where the process's own errors go."""
        return subprocess.DEVNULL

    def child(
        self, program: str, arguments: list[str], environment: dict[str, str], company: str = ""
    ) -> Child:
        """Have ``program`` (Python text) run in another process, as ``python -c`` would here.

        It may be one that ran another for the same ``company``. Raises ``OSError`` when the
        nursery is gone.
        """
        return self.ask(asdict(
            Request(program, arguments, environment, sys.path, os.getcwd(), company)))

    def learn(self, modules: Iterable[str]) -> None:
        """Import modules too, for the children to come; each only once."""
        if new := [name for name in modules if name not in self._learnt]:
            self._learnt.update(new)
            # If nobody is there, another nursery is begun with the next child, which imports them.
            with contextlib.suppress(OSError), written(new) as request:
                socket.send_fds(self._requests, [LEARN], [request])

    def ask(self, what: Any) -> Child:
        """Send a request with three descriptors: control, output, errors. Raises ``OSError``."""
        ours, control = socket.socketpair()
        (out, stdout), (err, stderr) = os.pipe(), os.pipe()
        given = (control.fileno(), stdout, stderr)
        try:
            with written(what) as request:
                socket.send_fds(self._requests, [CHILD], [*given, request])
        except OSError:
            for one in (ours.detach(), out, err):
                os.close(one)
            raise
        finally:
            for one in (control.detach(), stdout, stderr):
                os.close(one)
        return self.child_type(ours, out, err)

    def _end(self, starter: int) -> None:
        if os.getpid() == starter:
            os.close(self._life)
            self._requests.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)


@contextlib.contextmanager
def written(what: Any) -> Iterator[int]:
    """A request in a file without a name: it may name thousands of inputs, a message may not."""
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(what).encode())
        file.flush()
        yield file.fileno()
