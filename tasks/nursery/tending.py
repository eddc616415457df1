"""The nursery's own program: it imports, and has a process of its own do each thing it is asked.

It never uses what it imported, so a process forked from it is as safe as a fresh one. It ends,
with its processes, when everybody who might ask has ended.
"""

import contextlib
import functools
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from tasks.nursery.process import Request, live, read

#: What is asked of a nursery.
CHILD, LEARN = b"?", b"+"

#: Seconds that a free process is kept, at least; twice as long at most.
_PATIENCE = 60.0


def main() -> NoReturn:
    """Be a nursery; its arguments are two descriptors, for requests and for life, and modules."""
    requests, life = map(int, sys.argv[1:3])
    for number in (requests, life):
        os.set_inheritable(number, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Nursery(socket.socket(fileno=requests), life, sys.argv[3:]).tend()


@dataclass(eq=False)
class _Process:
    """A process of the nursery: how requests go to it, and who waits for an answer, if anybody."""

    pid: int
    orders: socket.socket
    terms: tuple[Any, ...]
    control: socket.socket | None = None
    free_since: float | None = None

    def kill(self) -> None:
        """End it, and everything that it started."""
        self.free_since = None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def say(self, line: str) -> None:
        """Tell whoever waits, if they are still there."""
        if self.control is not None:
            with contextlib.suppress(OSError):
                self.control.sendall(f"{line}\n".encode())


class _Nursery:
    """Watches those who ask, and the processes that work for them."""

    def __init__(self, requests: socket.socket, life: int, modules: list[str]):
        self._requests, self._processes = requests, dict[int, _Process]()
        self._watched = selectors.DefaultSelector()
        self._trouble = _imported(modules)
        woken, self._waking = socket.socketpair()
        self._waking.setblocking(False)
        signal.set_wakeup_fd(self._waking.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._watch(requests, self._take)
        self._watch(woken, lambda: self._reap(woken))
        self._watch(life, self._end)

    def tend(self) -> NoReturn:
        """Do what is asked until nobody is left who might ask."""
        while True:
            for key, _ in self._watched.select(_PATIENCE if self._free() else None):
                if self._watched.get_map().get(key.fd) is key:  # or what was done before ended it
                    key.data()
            for process in self._free():
                if time.monotonic() - (process.free_since or 0) > _PATIENCE:
                    process.kill()

    def _watch(self, what: Any, do: Callable[[], None]) -> None:
        self._watched.register(what, selectors.EVENT_READ, data=do)

    def _unwatch(self, what: Any) -> None:
        with contextlib.suppress(KeyError):
            self._watched.unregister(what)

    def _free(self) -> list[_Process]:
        return [one for one in self._processes.values() if one.free_since is not None]

    def _take(self) -> None:
        what, given, _, _ = socket.recv_fds(self._requests, 1, 4)
        if what == LEARN:
            _imported(read(given[0]))  # who needs what is not there will say so
            return
        control, request = socket.socket(fileno=given[0]), given[1:]
        terms = Request(**read(os.dup(request[-1]))).terms
        process = self._sent(request, terms) or self._forked(request, terms, control)
        for number in request:
            os.close(number)
        process.control, process.free_since = control, None
        process.say(str(process.pid))
        self._watch(control, functools.partial(self._abandon, process))

    def _sent(self, request: list[int], terms: tuple[Any, ...]) -> _Process | None:
        """The free process that a request could be sent to; one of another run is free no more."""
        for process in self._free():
            if process.terms != terms:
                process.kill()
                continue
            with contextlib.suppress(OSError):  # somebody killed it
                socket.send_fds(process.orders, [CHILD], request)
                return process
        return None

    def _forked(
        self, request: list[int], terms: tuple[Any, ...], control: socket.socket
    ) -> _Process:
        ours, theirs = socket.socketpair()
        nursery, pid = os.getpid(), os.fork()
        if pid == 0:
            try:
                self._close(ours, control)
                live(request, theirs, nursery, self._trouble)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)  # the process does so too: whoever is first
        theirs.close()
        process = self._processes[pid] = _Process(pid, ours, terms)
        self._watch(ours, functools.partial(self._hear, process))
        return process

    def _close(self, *held: socket.socket) -> None:
        """In a new process: let go what is the nursery's."""
        for process in self._processes.values():
            held += tuple(filter(None, (process.orders, process.control)))
        for one in held:
            one.close()

    def _hear(self, process: _Process) -> None:
        """A process has done what it was asked, or has ended, which `_reap` will know."""
        try:
            has_done = process.orders.recv(1)
        except ConnectionResetError:  # it had been sent something
            has_done = b""
        if has_done:
            process.free_since = time.monotonic()
            self._answer(process, 0)
        else:
            self._unwatch(process.orders)

    def _answer(self, process: _Process, code: int) -> None:
        if process.control is not None:
            process.say(str(code))
            self._unwatch(process.control)
            process.control.close()
            process.control = None

    def _abandon(self, process: _Process) -> None:
        """Whoever asked is gone, or wants it ended and still waits for the answer."""
        self._unwatch(process.control)
        process.kill()

    def _reap(self, woken: socket.socket) -> None:
        woken.recv(1024)
        while self._processes:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is None:
                return
            process = self._processes.pop(found.si_pid, None)
            if process is None:  # what was imported started it
                os.waitpid(found.si_pid, 0)
                continue
            process.kill()  # what it started
            _, status = os.waitpid(process.pid, 0)
            self._unwatch(process.orders)
            process.orders.close()
            self._answer(process, os.waitstatus_to_exitcode(status))

    def _end(self) -> NoReturn:
        for process in self._processes.values():
            process.kill()
            os.waitpid(process.pid, 0)
        sys.exit()


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
