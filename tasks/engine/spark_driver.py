"""The process that holds the Spark session: a thread and a tag for each recipe it is asked for.

A program of its own, started by `spark.Driver`. It is told to end a job by the end of the
control connection, and ends itself when nobody is left who might ask.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import threading
import time
import uuid
from concurrent.futures import Future
from typing import Any

from tasks.engine.elsewhere import PROGRESS, RESULT
from tasks.engine.spark_executor import SCHEMA, Cooking
from tasks.nursery.process import read

_BEAT = 5.0
_AGAIN = 1.0
_CANCELLED = -signal.SIGTERM
_LOST = ("Python worker exited unexpectedly", "ExecutorLostFailure", "Could not recover")
_LINES = 12


class Job:
    """One recipe on Spark; its answer goes into two pipes and a control connection."""

    def __init__(self, session: "Future[Any]", request: list[Any], given: list[int]):
        self.session, self.request = session, request
        self.control = socket.socket(fileno=given[0])
        self.tag = f"setlist-{uuid.uuid4().hex}"
        self._out, self._err = (os.fdopen(one, "w") for one in given[1:])
        self._cancelled, self._done = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self.control.sendall(b"0\n")  # no process of its own
        threading.Thread(target=self._run, daemon=True).start()

    def beat(self) -> None:
        """Say that it is still running, so that who waits can hear whether to stop."""
        self._say(PROGRESS, ["running on Spark", None])

    def cancel(self) -> None:
        """End it, now or as soon as it has begun."""
        if not self._cancelled.is_set():
            self._cancelled.set()
            threading.Thread(target=self._cancel, daemon=True).start()

    def _cancel(self) -> None:
        while not self._done.wait(_AGAIN):
            if self.session.done() and not self.session.exception():
                with contextlib.suppress(Exception):  # the JVM is gone: the job says so itself
                    self.session.result().sparkContext.cancelJobsWithTag(self.tag)

    def _run(self) -> None:
        code = 1
        try:
            kind, text = self._answer()
            if kind == "made":
                self._say(RESULT, json.loads(text))
                code = 0
            else:
                self._write(self._err, text)
        except Exception as error:
            code = _CANCELLED if self._cancelled.is_set() else 1
            self._write(self._err, brief(error))
        self._done.set()
        self._close(code)

    def _answer(self) -> tuple[str, str]:
        order, settings, folder = self.request
        session, ranks = self.session.result(), order["ranks"]
        session.sparkContext.addJobTag(self.tag)
        rows = session.range(0, ranks, 1, ranks).mapInArrow(
            Cooking(order, settings, folder), SCHEMA, barrier=ranks > 1).collect()
        [first] = [row for row in rows if row.rank == 0]
        return first.kind, first.text

    def _say(self, kind: str, what: Any) -> None:
        self._write(self._out, f"{kind}{json.dumps(what)}\n")

    def _write(self, pipe: Any, text: str) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            pipe.write(text)
            pipe.flush()

    def _close(self, code: int) -> None:
        with self._lock:
            for pipe in (self._out, self._err):
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(OSError):
            self.control.sendall(f"{code}\n".encode())
            self.control.shutdown(socket.SHUT_RDWR)


def brief(error: BaseException) -> str:
    """What went wrong, without the lines about Spark's own code."""
    lines = [line for line in str(error).splitlines()
             if not line.startswith(("\tat ", "Caused by:", "Driver stacktrace", "\t..."))]
    text = "\n".join(line for line in lines if line.strip())
    lost = any(sign in text for sign in _LOST)
    told = "a Python process of an executor was lost (killed? out of memory?)\n" if lost else ""
    return told + "\n".join(text.splitlines()[:_LINES] if lost else text.splitlines())


def begin(options: dict[str, str], session: "Future[Any]") -> None:
    """Make the session; what prevents it is told to everybody who asks for a job."""
    try:
        from pyspark.sql import SparkSession

        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        made = SparkSession.builder.config(map=options).getOrCreate()
        made.sparkContext.setLogLevel("ERROR")
        session.set_result(made)
    except Exception as error:
        said = os.pread(2, 4096, max(0, os.fstat(2).st_size - 4096)).decode(errors="replace")
        session.set_exception(RuntimeError(f"no Spark session: {brief(error)}\n{said}"))


def serve(requests: socket.socket, life: int, options: dict[str, str]) -> None:
    """Take requests until nobody is left."""
    session: Future[Any] = Future()
    threading.Thread(target=begin, args=(options, session), daemon=True).start()
    watched = selectors.DefaultSelector()
    watched.register(requests, selectors.EVENT_READ)
    watched.register(life, selectors.EVENT_READ)
    jobs: set[Job] = set()
    beat = time.monotonic() + _BEAT
    while True:
        for key, _ in watched.select(_BEAT):
            if key.fileobj == life:
                return
            if key.fileobj is requests:
                _, (*given, written_in), _, _ = socket.recv_fds(requests, 1, 4)
                job = Job(session, read(written_in), given)
                jobs.add(job)
                watched.register(job.control, selectors.EVENT_READ, data=job)
            else:  # it has ended, or who asked for it is gone or wants it to end
                watched.unregister(key.fileobj)
                jobs.discard(key.data)
                key.data.cancel()
        if time.monotonic() >= beat:
            beat = time.monotonic() + _BEAT
            for job in jobs:
                job.beat()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), json.loads(sys.argv[3]))
    os._exit(0)  # threads that wait for Spark must not keep us; its JVM ends with our pipe
