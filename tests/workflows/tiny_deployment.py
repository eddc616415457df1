"""A deployment of the tiny night: real settings, store, Luigi and messages, and no model."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deployments import ENVIRONMENT, REPOSITORY

TINY = Path(__file__).with_name("tiny_nights") / "tiny.py"
#: The command of the tests' interpreter, as ``.venv/bin/setlist`` is after ``make setup``.
SETLIST = f'#!/bin/sh\nexec "{sys.executable}" -m workflows.cli "$@"\n'


class TinyDeployment:
    """A folder that an operator would call ``SETLIST_HOME``."""

    def __init__(self, home):
        self.home = Path(home)
        (self.home / "logs").mkdir(parents=True)
        (self.home / ".venv" / "bin").mkdir(parents=True)
        shutil.copytree(REPOSITORY / "deploy", self.home / "deploy")
        shutil.copy(TINY, self.home)
        shutil.copy(REPOSITORY / "luigi.cfg", self.home)
        self._program("setlist", SETLIST)
        self.set("notify", workflows="tiny")

    def link_programs(self, *names):
        """Programs of the tests' environment below ``.venv/bin``, as ``make setup`` has them."""
        for name in names:
            program = Path(sys.executable).parent / name
            self._program(name, f'#!/bin/sh\nexec "{program}" "$@"\n')

    def _program(self, name, text):
        program = self.home / ".venv" / "bin" / name
        program.write_text(text)
        program.chmod(0o755)

    def set(self, section, **settings):
        """Add settings at the end of ``luigi.cfg``; later ones win."""
        path = self.home / "luigi.cfg"
        text = path.read_text()
        for name, value in settings.items():
            pattern = re.compile(rf"(?ms)^\[{section}\]$.*?(?=^\[|\Z)")
            found = pattern.search(text)
            body = found[0] if found else f"[{section}]\n"
            body = re.sub(rf"(?m)^{name} *=.*\n", "", body)
            body = body.replace(f"[{section}]\n", f"[{section}]\n{name} = {value}\n", 1)
            text = text[:found.start()] + body + text[found.end():] if found else text + body
        path.write_text(text)

    def log(self, day, *plays):
        """Write a day's log: ``track,seconds`` a line."""
        (self.home / "logs" / f"{day}.csv").write_text("".join(f"{one}\n" for one in plays))

    @property
    def environment(self):
        """As little as cron gives, and where the code under test lies."""
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "SHELL": "/bin/sh",
                "LANG": "C.UTF-8", "SETLIST_HOME": str(self.home), **ENVIRONMENT}  # fmt: skip

    @property
    def runs(self):
        return self.home / "var" / "artifacts" / "_runs"

    def state(self):
        """What is known between two runs."""
        return json.loads((self.runs / "concerns.tiny.json").read_text())

    def open(self):
        """The concerns that are open: kind and subject."""
        return [(one["concern"]["kind"], one["concern"]["subject"]) for one in self.state()["open"]]

    def kill(self, workflow="tiny"):
        """SIGKILL to every process of the run that works now; returns when none holds its lock."""
        running = json.loads((self.runs / f"concerns.{workflow}.json").read_text())["running"]
        os.killpg(os.getpgid(int(running["process"])), signal.SIGKILL)
        lock = self.home / "var" / "nightly.lock"
        subprocess.run(["flock", "--timeout", "20", lock, "true"], check=True)

    def logged(self):
        """Every line of every run's log."""
        return [json.loads(line) for path in sorted(self.runs.glob("*.log"))
                for line in path.read_text().splitlines()]  # fmt: skip
