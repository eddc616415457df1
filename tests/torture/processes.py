"""Engines in processes of their own, to be killed; each is forked from a fresh interpreter."""

import contextlib
import json
import os
import select
import signal
import sys
import time

import ledger
from luigi import configuration

from tasks.engine import build
from tasks.engine.errors import CorruptPayload
from tasks.engine.workshop import workshop


def engine(root, cache, workers):
    """Run the graph once; what became of it, and whether it is right."""
    configure(root, cache)
    wanted = ledger.Total()
    summary = build([wanted], workers=workers, log_level="CRITICAL")
    if not summary.succeeded:
        return {"failed": [one.message for one in summary.failed] or ["not complete"]}
    value, rolled = wanted.output().load(), ledger.Roll().output().load()
    return {"failed": [], "right": value == {"sum": ledger.truth(), "roll": rolled["roll"]}}


def sweep(root, cache):
    """Read every artifact of a store: how many there are, are damaged, and read wrong."""
    configure(root, cache)
    store = workshop().store
    store.refresh()
    found = {"artifacts": 0, "damaged": 0, "wrong": 0, "digests": {}}
    for task in ("Doubled", "Spread", "Roll", "Total"):
        for label in store.labels(task):
            for entry in store.entries(task, label):
                found["artifacts"] += 1
                try:
                    found["wrong"] += not ledger.is_consistent(task, store.read(entry))
                    found["digests"]["/".join(entry.address)] = entry.digest
                except CorruptPayload:
                    found["damaged"] += 1
    return found


def configure(root, cache):
    config = configuration.get_config()
    wanted = {"root": root, "cache": cache, "first_party": "ledger", "lease_seconds": "1.5"}
    for option, value in wanted.items():
        config.set("engine", option, value)
    config.set("worker", "wait_interval", "0.01")
    config.set("worker", "wait_jitter", "0")


class Process:
    """A fork in a process group of its own; its answer comes through a pipe."""

    def __init__(self, work, *arguments):
        self.pipe, send = os.pipe()
        self.began = time.monotonic()
        self.child = os.fork()
        # Both say it, so that the group is there whoever comes first.
        with contextlib.suppress(OSError):
            os.setpgid(self.child, self.child)
        if self.child:
            os.close(send)
            return
        os.close(self.pipe)
        try:
            answer = json.dumps(work(*arguments)).encode()
            with os.fdopen(send, "wb") as pipe:
                pipe.write(answer)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            sys.stderr.flush()
            os._exit(0)

    def kill(self):
        """SIGKILL to the process and everything it started."""
        os.killpg(self.child, signal.SIGKILL)

    def pause(self, seconds):
        os.killpg(self.child, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(self.child, signal.SIGCONT)

    def is_done_within(self, seconds):
        return bool(select.select([self.pipe], [], [], seconds)[0])

    def answer(self, seconds=120.0):
        """What it had to say; None when it was killed first."""
        deadline = time.monotonic() + seconds
        text = b""
        while self.is_done_within(max(deadline - time.monotonic(), 0)):
            part = os.read(self.pipe, 1 << 20)
            if not part:
                os.close(self.pipe)
                os.waitpid(self.child, 0)
                return json.loads(text) if text else None
            text += part
        self.kill()
        os.waitpid(self.child, 0)
        return {"failed": [f"hung for {seconds:.0f} s"]}
