"""A process that has imported what isolated recipes need, and forks one child for each.

Importing LightGBM, scikit-learn and pandas costs seconds, and a night runs dozens of isolated
recipes. The nursery imports them once and never uses them, so a child forked from it is as
safe as a fresh process and begins at once. It knows nothing of tasks or settings: those come
with each request. It is a program of its own (this file, with nothing but the standard library
until its imports), shared by every process forked from the one that started it, and ends when
they have.
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterable, Iterator
from typing import IO, Any, ClassVar, NoReturn

#: What is asked of a nursery.
_CHILD, _LEARN = b"?", b"+"


class Child:
    """A process that the nursery forked; like ``subprocess.Popen``, as far as it is needed."""

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
        """End the process and everything it started, whether or not it has ended itself."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
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

    program = __file__
    child_type: type[Child] = Child

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]):
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        life, self._life = os.pipe()
        self._process = subprocess.Popen(
            # -P: the modules beside this file are not to be taken for the library's.
            [sys.executable, "-P", self.program, str(theirs.fileno()), str(life), *arguments],
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

    def child(self, program: str, arguments: list[str], environment: dict[str, str]) -> Child:
        """Have ``program`` (Python text) run in a new process, as ``python -c`` would here.

        Raises ``OSError`` when the nursery is gone.
        """
        return self.ask([program, arguments, environment, sys.path, os.getcwd()])

    def learn(self, modules: Iterable[str]) -> None:
        """Import modules too, for the children to come; each only once."""
        if new := [name for name in modules if name not in self._learnt]:
            self._learnt.update(new)
            # If nobody is there, another nursery is begun with the next child, which imports them.
            with contextlib.suppress(OSError), written(new) as request:
                socket.send_fds(self._requests, [_LEARN], [request])

    def ask(self, what: Any) -> Child:
        """Send a request with three descriptors: control, output, errors. Raises ``OSError``."""
        ours, control = socket.socketpair()
        (out, stdout), (err, stderr) = os.pipe(), os.pipe()
        given = (control.fileno(), stdout, stderr)
        try:
            with written(what) as request:
                socket.send_fds(self._requests, [_CHILD], [*given, request])
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


def read(number: int) -> Any:
    """What `written` wrote, by the number of the file's descriptor, which is closed."""
    with os.fdopen(number, "rb") as file:
        file.seek(0)
        return json.load(file)


def tend(requests: socket.socket, life: int, modules: list[str]) -> NoReturn:
    """The nursery's side: import, then fork a child for each request until nobody is left."""
    for number in (requests.fileno(), life):
        os.set_inheritable(number, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    trouble = _imported(modules)
    woken, waking = socket.socketpair()
    waking.setblocking(False)
    signal.set_wakeup_fd(waking.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    watched = selectors.DefaultSelector()
    watched.register(requests, selectors.EVENT_READ)
    watched.register(woken, selectors.EVENT_READ)
    watched.register(life, selectors.EVENT_READ)
    children: dict[int, socket.socket] = {}
    while True:
        for key, _ in watched.select():
            if key.fileobj is requests:
                what, given, _, _ = socket.recv_fds(requests, 1, 4)
                if what == _LEARN:
                    _imported(read(given[0]))  # who needs what is not there will say so
                else:
                    _fork(given, watched, children, trouble)
            elif key.fileobj is woken:
                woken.recv(1024)
                _reap(watched, children)
            else:  # whoever asked for a child is gone, or everybody is (life)
                gone = list(children) if key.fileobj == life else [key.data]
                for pid in gone:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(pid, signal.SIGKILL)
                if key.fileobj == life:
                    sys.exit()
                watched.unregister(key.fileobj)


def _imported(modules: list[str]) -> str:
    gc.disable()  # what is imported stays
    try:
        for name in modules:
            importlib.import_module(name)
    except Exception:
        return f"[engine] isolated_preload cannot be imported:\n{traceback.format_exc()}"
    finally:
        gc.freeze()  # it will not be written to either, so that children share it
        gc.enable()
    return ""


def _fork(
    sent: list[int], watched: selectors.BaseSelector, children: dict[int, socket.socket],
    trouble: str,
) -> None:
    *given, written_in = sent
    request = read(written_in)
    control, nursery = socket.socket(fileno=given[0]), os.getpid()
    pid = os.fork()
    if pid == 0:
        for one in (control, *children.values()):
            one.close()
        _live(request, given[1:], nursery, trouble)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, pid)  # the child does so too: whoever is first
    children[pid] = control
    for number in given[1:]:
        os.close(number)
    with contextlib.suppress(OSError):
        control.sendall(f"{pid}\n".encode())
    watched.register(control, selectors.EVENT_READ, data=pid)


def _reap(watched: selectors.BaseSelector, children: dict[int, socket.socket]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        control = children.pop(pid)
        with contextlib.suppress(KeyError):
            watched.unregister(control)
        with contextlib.suppress(OSError):
            control.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        control.close()


def _live(request: list[Any], outputs: list[int], nursery: int, trouble: str) -> NoReturn:
    """The child: become what was asked for, run it, and end without the nursery's goodbyes."""
    program, arguments, environment, path, folder = request
    code = 1
    try:
        _become(outputs, nursery)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.path[:], sys.argv[:] = path, ["-c", *arguments]
        random.seed()
        if trouble:
            sys.exit(trouble)
        exec(program, {"__name__": "__main__"})
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else bool(left.code)
        if isinstance(left.code, str):
            sys.stderr.write(left.code)
    except BaseException:
        traceback.print_exc()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _become(outputs: list[int], nursery: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    for ours, given in zip((1, 2), outputs, strict=True):
        os.dup2(given, ours)
        os.close(given)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # die with the nursery
        if os.getppid() != nursery:
            sys.exit("the nursery is gone")


if __name__ == "__main__":
    tend(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3:])
