"""Runs the garden and prints, as one line of JSON, what a person would want to know of it.

``python driver.py SPEC``: SPEC says which task, with which parameters, in which folders (one
per mode, each with its own sources and store). Every run is a process of its own, forked
from this one before anything but imports has happened in it.
"""

import importlib
import json
import mmap
import os
import shutil
import signal
import sys
import uuid
from pathlib import Path


def main(spec):
    importlib.import_module("garden.graph")
    importlib.import_module("tasks.engine")
    importlib.import_module("tasks.engine.bucket")
    found = {mode["name"]: globals()[spec["do"]](spec, mode) for mode in spec["modes"]}
    sys.stdout.write(json.dumps(found) + "\n")


def run_once(spec, mode):
    """One plain run."""
    return answer_of(start(lambda: observe(spec, mode)))


def run_twice_at_once(spec, mode):
    """Two runs of the same graph in the same folder, at the same time."""
    twins = [start(lambda: observe(spec, mode)) for _ in range(2)]
    return [answer_of(one) for one in twins]


def kill_at_every_step(spec, mode):
    """For each n: a run killed at its n-th write, then a plain run over what that left.

    With one worker the whole run dies; with two, the process that was about to write.
    """
    reports, scratch = [], Path(mode["folder"] + "-killed")
    while True:
        shutil.copytree(mode["folder"], scratch)
        here = {**mode, "folder": str(scratch), "root": copied(mode["root"], scratch)}
        bomb = Bomb(scratch, len(reports) + 1, whole_run=mode["workers"] == 1)
        killed = start(lambda: observe(spec, here, bomb))  # noqa: B023
        claimed = answer_of(killed)
        if not bomb.went_off():
            shutil.rmtree(scratch)
            return {"survivor": claimed, "kills": reports}
        reports.append({"claimed": claimed, "after": run_once(spec, here)})
        shutil.rmtree(scratch)


def copied(root, scratch):
    """The root of a copy of a store: a folder was copied already, a bucket's prefix is now."""
    if "://" not in root:
        return root
    bucket = sys.modules["tasks.engine.bucket"].Bucket(root.rpartition("/")[0])
    old, new = root.rpartition("/")[2], uuid.uuid4().hex[:8]
    for one in bucket.list(f"{old}/"):
        bucket.copy(one.name, new + one.name.removeprefix(old), one.generation)
    copies = scratch / "cache" / bucket.name
    (copies / old).rename(copies / new)
    return f"{root.rpartition('/')[0]}/{new}"


def start(work):
    """Do ``work`` in a fork with a session of its own; its answer comes through a pipe."""
    receive, send = os.pipe()
    child = os.fork()
    if child:
        os.close(send)
        return child, receive
    os.setsid()
    os.close(receive)
    try:
        text = json.dumps(work()).encode()
        with os.fdopen(send, "wb") as pipe:
            pipe.write(text)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def answer_of(started):
    """What a fork had to say; None when it was killed first."""
    child, receive = started
    with os.fdopen(receive, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None


def observe(spec, mode, bomb=None):
    """Plan, run, ask why, and compute the same value without the engine."""
    os.chdir(mode["folder"])
    graph, engine = sys.modules["garden.graph"], sys.modules["tasks.engine"]
    own = [["engine", "root", mode["root"]], ["engine", "cache", "cache"],
           ["engine", "runs_on", mode["engine"]]]  # fmt: skip
    for section, option, value in [*own, *spec.get("settings", [])]:
        from luigi import configuration

        configuration.get_config().set(section, option, value)
    root = getattr(graph, spec["task"])(**spec["parameters"])
    planned = engine.plan(root)
    if bomb is not None:
        sys.addaudithook(bomb.hear)
    remote = {"local_scheduler": False, "scheduler_host": "127.0.0.1",
              "scheduler_port": mode["port"]} if mode["port"] else {}
    summary = engine.build([root], workers=mode["workers"], log_level="ERROR", **remote)
    again = engine.plan(root)
    return {
        "plan": {named(step): step.verdict for step in planned.steps},
        "expected": {named(step): texts(step.reasons) for step in planned.steps},
        "built": [named(one) for one in summary.built],
        "reused": [named(one) for one in summary.reused],
        "failed": [f"{named(one)}: {one.message}" for one in summary.failed],
        "incomplete": summary.incomplete,
        "status": summary.status,
        "unsettled": [named(step) for step in again.steps if step.verdict != "current"],
        "why": {named(one): reasons_of(one, root, engine) for one in summary.built},
        "value": root.output().load() if not summary.incomplete else None,
        "truth": straight(root, engine),
    }


def named(step):
    """``Growth 3``, as the rows of the matrix call it."""
    return f"{step.task} {step.label}".removesuffix(" all")


def texts(reasons):
    return [str(reason) for reason in reasons]


def reasons_of(outcome, root, engine):
    """What `why` says of a task of this graph."""
    waiting = [root]
    while waiting:
        task = waiting.pop()
        if (task.task_family, task.label()) == (outcome.task, outcome.label):
            return texts(engine.why(task)[1])
        waiting += [one for one in task.deps() if hasattr(one, "label")]
    return []


def straight(task, engine):
    """The value of a task, computed by calling functions; no store, no key, no Luigi."""
    if isinstance(task, engine.SourceTask):
        return Path(task.path())
    return task.recipe()(**{
        name: through(required, engine) for name, required in task.requires().items()
    })


def through(required, engine):
    if isinstance(required, dict):
        return {name: through(one, engine) for name, one in required.items()}
    if isinstance(required, list):
        return [through(one, engine) for one in required]
    return straight(required, engine)


class Bomb:
    """Goes off at the n-th change of a folder or a bucket, counted over a run's processes."""

    changes = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link")

    def __init__(self, folder, at, whole_run):
        self.folder = str(folder.resolve())
        self.at = at
        self.whole_run = whole_run
        self.counter = mmap.mmap(-1, 8)  # shared with every process forked from here

    def went_off(self):
        return int.from_bytes(self.counter[:8], "little") >= self.at

    def hear(self, event, arguments):
        """Python tells audit hooks of every file it is about to open, rename or remove.

        And of whatever it is about to send: a request's head, and its body after it.
        """
        if event == "http.client.send":
            self.hear_request(*arguments)
        elif event in self.changes or (event == "open" and self.is_for_writing(*arguments[1:])):
            name = arguments[0]
            if isinstance(name, (str, bytes)) and self.is_inside(os.fsdecode(name)):
                self.tick()

    def hear_request(self, connection, data):
        server = os.environ.get("STORAGE_EMULATOR_HOST", "")
        if server.endswith(f":{connection.port}") and not bytes(data).startswith(b"GET"):
            self.tick()

    def is_for_writing(self, mode, flags):
        return flags & (os.O_WRONLY | os.O_RDWR) or set(mode or "") & set("wax+")

    def is_inside(self, name):
        return os.path.abspath(name).startswith(self.folder)

    def tick(self):
        count = int.from_bytes(self.counter[:8], "little") + 1
        self.counter[:8] = count.to_bytes(8, "little")
        if count == self.at:
            if self.whole_run:
                os.killpg(0, signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
