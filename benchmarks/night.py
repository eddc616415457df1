"""A whole night beside the same functions called in one script, and how nights grow.

    python -m benchmarks.night [--listeners 500 1500 4500] [--rounds 3] [--history 12]
        [--record night.json]

*Platform* is ``setlist run nightly`` with one worker in a folder of its own: keys, manifests,
checksums, leases, a process for each recipe that needs one, registry, reports. *Script* is
``benchmarks.night_script``: the very same functions in one process, in memory. CPU seconds of
everything that either starts, on one thread, medians of rounds in which the two take turns; both
must train the same models, byte for byte. What a person waits for is told too: the seconds by the
clock of the script, and of the platform with two workers. Then the nights that follow, each on all
that was there before: with nothing of the code changed, what does a night cost after so many
others? Exponents are slopes of least squares in logarithms. ``--record`` keeps the figures, with
those of every stage, for ``benchmarks.capacity`` and ``benchmarks.plots``.
"""

import argparse
import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.processes import REPOSITORY, adopt_orphans, everything_used, say
from tasks.engine.identity import digest_of
from tasks.engine.manifest import from_json

FIRST = dt.date(2026, 2, 4)
BAR = 1.10


@dataclass
class Night:
    """One size of world: what its first night cost both ways, and what the next ones did."""

    listeners: int
    folder: Path
    platform: float = 0.0
    script: float = 0.0
    platform_clock: float = 0.0
    script_clock: float = 0.0
    again: float = 0.0
    warm: list[float] = field(default_factory=list)
    stages: dict[str, dict[str, float]] = field(default_factory=dict)
    """Of the last night: each kind of task, its seconds, bytes written and largest MiB."""

    def first(self, rounds: int) -> None:
        """A cold night both ways, which must agree, some times; and the night once more."""
        taken: dict[str, list[Taken]] = {"platform": [], "script": []}
        for number in range(rounds):
            for way in ("platform", "script") if number % 2 == 0 else ("script", "platform"):
                taken[way].append(self._cold(way, way if number == 0 else f"{way}-{number}"))
            say(f"{self.listeners:,} listeners, round {number + 1} of {rounds}: "
                f"{taken['platform'][-1].cpu:.1f} s, script {taken['script'][-1].cpu:.1f} s")
        _refuse_other_models(self.folder / "platform" / "var" / "artifacts",
                             taken["script"][0].told)
        self.platform, self.script = (median(one.cpu for one in ways) for ways in taken.values())
        self.script_clock = median(one.clock for one in taken["script"])
        self.platform_clock = self._cold("platform", "two-workers", workers=2).clock
        self.again = self._setlist("platform", "run", "nightly").cpu

    def _cold(self, way: str, name: str, workers: int = 1) -> "Taken":
        self._deploy(name)
        if way == "script":
            return self._run(name, "benchmarks.night_script", str(FIRST), "files")
        return self._setlist(name, "run", "nightly", workers=workers)

    def next(self, nights: int) -> None:
        """The nights that follow."""
        for number in range(1, nights + 1):
            day = FIRST + dt.timedelta(number)
            began = dt.datetime.now(dt.UTC)
            used = self._setlist("platform", "run", "nightly", "--day", str(day)).cpu
            self.warm.append(used)
            self.stages = stages(self.folder / "platform" / "var" / "artifacts", began)
            say(f"{self.listeners:,} listeners: night {number} of {nights}: {used:.1f} s")

    def _deploy(self, name: str) -> None:
        text = (REPOSITORY / "luigi.cfg").read_text()
        text = re.sub(r"(?m)^listeners = .*$", f"listeners = {self.listeners}", text)
        text = re.sub(r"(?m)^minimum_audience = .*$", "minimum_audience = 5", text)
        (self.folder / name).mkdir(parents=True)
        (self.folder / name / "luigi.cfg").write_text(text)

    def _setlist(self, name: str, *arguments: str, workers: int = 1) -> "Taken":
        return self._run(name, "workflows.cli", *arguments, "--workers", str(workers))

    def _run(self, name: str, module: str, *arguments: str) -> "Taken":
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        began = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment,
                                 cwd=self.folder / name, stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.DEVNULL)  # fmt: skip
        told = child.stdout.read() if child.stdout else ""
        used = everything_used(child, f"{module} {' '.join(arguments)} in {name}")
        return Taken(used, time.perf_counter() - began, told)


@dataclass(frozen=True)
class Taken:
    """CPU seconds of a process and of all that it started, those by the clock, what it printed."""

    cpu: float
    clock: float
    told: str


def stages(root: Path, since: dt.datetime) -> dict[str, dict[str, float]]:
    """What manifests that were written since then say of each kind of task."""
    found: dict[str, dict[str, float]] = {}
    for path in root.glob("[!_]*/*/*/manifest.json"):
        made = from_json(path.read_text(), str(path))
        if dt.datetime.fromisoformat(made.created) >= since:
            stage = found.setdefault(made.task, {"tasks": 0, "seconds": 0, "bytes": 0, "MiB": 0})
            stage["tasks"] += 1
            stage["seconds"] += made.seconds
            stage["bytes"] += sum(one.size for one in made.payload.values())
            stage["MiB"] = max(stage["MiB"], (made.peak_memory_bytes or 0) >> 20)
    return found


def _refuse_other_models(root: Path, told: str) -> None:
    for line in told.splitlines():
        label, digest = line.split()
        files = sorted((root / "TrainModel" / label).glob("*/model.txt"))
        texts = [path.read_text() for path in files] or [""]
        if digest not in [digest_of([text]) for text in texts]:
            sys.exit(f"the script trained another model of {label} than the platform")


def slope(sizes: list[float], costs: list[float]) -> float:
    """The exponent of growth: 1 is linear."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def table(nights: list[Night]) -> str:
    """The figures as text."""
    lines = ["listeners  platform    script  ratio  again  (CPU seconds)"]
    lines += [f"{one.listeners:>9,} {one.platform:>9.1f} {one.script:>9.1f} "
              f"{one.platform / one.script:>6.2f} {one.again:>6.1f}" for one in nights]
    lines.append(f"(ratio: at most {BAR})")
    lines += [f"{one.listeners:,} listeners by the clock: {one.platform_clock:.1f} s with two "
              f"workers, script {one.script_clock:.1f} s" for one in nights]
    if len(nights) > 1:
        sizes = [float(one.listeners) for one in nights]
        lines.append(f"a cold night grows with listeners to the power of "
                     f"{slope(sizes, [one.platform for one in nights]):.2f}")
    followed = [one for one in nights if len(one.warm) > 1]
    return "\n".join(lines + [line for one in followed for line in _history(one)])


def _history(one: Night) -> list[str]:
    numbers = [float(number) for number in range(1, len(one.warm) + 1)]
    told = " ".join(f"{used:.1f}" for used in one.warm)
    return [f"{one.listeners:,} listeners, the nights that follow, CPU seconds: {told}",
            f"a warm night grows with the nights before it to the power of "
            f"{slope(numbers, one.warm):.2f}"]  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, nargs="+", default=[500, 1500, 4500])
    parser.add_argument("--rounds", type=int, default=3, help="first nights each way")
    parser.add_argument("--history", type=int, default=12, help="nights to follow, smallest world")
    parser.add_argument("--folder", type=Path, help="where to work")
    parser.add_argument("--record", type=Path, help="a JSON file for the figures")
    asked = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        nights = [Night(count, Path(folder) / f"{count}") for count in sorted(asked.listeners)]
        for one in nights:
            one.first(asked.rounds)
            one.next(asked.history if one is nights[0] else 1)
    if asked.record:
        asked.record.write_text(json.dumps([_recorded(one) for one in nights], indent=1) + "\n")
    print(table(nights))


def _recorded(one: Night) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if name != "folder"}


if __name__ == "__main__":
    main()
