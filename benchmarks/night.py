"""A whole night beside the same functions called in one script, and how nights grow.

    python -m benchmarks.night [--listeners 1500 ...] [--history 12] [--quick]

*Platform* is ``setlist run nightly`` with one worker in a folder of its own: keys, manifests,
checksums, leases, a process for each recipe that needs one, registry, reports. *Script* is
``benchmarks.night_script``: the very same functions in one process, in memory. CPU seconds of
everything that either starts, on one thread; both must train the same models, byte for byte.
Then the nights that follow, each on all that was there before: with nothing of the code changed,
what does a night cost after so many others? Exponents are slopes of least squares in logarithms.
"""

import argparse
import datetime as dt
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.processes import REPOSITORY, adopt_orphans, everything_used, say

FIRST = dt.date(2026, 2, 4)
BAR = 1.10


@dataclass
class Night:
    """One size of world: what its first night cost both ways, and what the next ones did."""

    listeners: int
    folder: Path
    platform: float = 0.0
    script: float = 0.0
    warm: list[float] = field(default_factory=list)
    again: float = 0.0

    def first(self) -> None:
        """A cold night both ways, which must agree, and the night once more."""
        self._deploy("platform")
        self._deploy("script")
        self.platform, _ = self._setlist("run", "nightly")
        self.script, told = self._run("script", "benchmarks.night_script", str(FIRST), "files")
        _refuse_other_models(self.folder / "platform" / "var" / "artifacts", told)
        self.again, _ = self._setlist("run", "nightly")

    def next(self, nights: int) -> None:
        """The nights that follow."""
        for number in range(1, nights + 1):
            day = FIRST + dt.timedelta(number)
            used, _ = self._setlist("run", "nightly", "--day", str(day))
            self.warm.append(used)
            say(f"{self.listeners:,} listeners: night {number} of {nights}: {used:.1f} s")

    def _deploy(self, name: str) -> None:
        text = (REPOSITORY / "luigi.cfg").read_text()
        text = re.sub(r"(?m)^listeners = .*$", f"listeners = {self.listeners}", text)
        text = re.sub(r"(?m)^minimum_audience = .*$", "minimum_audience = 5", text)
        (self.folder / name).mkdir(parents=True)
        (self.folder / name / "luigi.cfg").write_text(text)

    def _setlist(self, *arguments: str) -> tuple[float, str]:
        return self._run("platform", "workflows.cli", *arguments, "--workers", "1")

    def _run(self, name: str, module: str, *arguments: str) -> tuple[float, str]:
        """CPU seconds of a process and of all that it started, and what it printed."""
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        child = subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment,
                                 cwd=self.folder / name, stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.DEVNULL)  # fmt: skip
        told = child.stdout.read() if child.stdout else ""
        return everything_used(child, f"{module} {' '.join(arguments)} in {name}"), told


def _refuse_other_models(root: Path, told: str) -> None:
    from tasks.engine.identity import digest_of

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
    if len(nights) > 1:
        sizes = [float(one.listeners) for one in nights]
        lines.append(f"a cold night grows with listeners to the power of "
                     f"{slope(sizes, [one.platform for one in nights]):.2f}")
    return "\n".join(lines + [line for one in nights if one.warm for line in _history(one)])


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
    parser.add_argument("--history", type=int, default=12, help="nights to follow, smallest world")
    parser.add_argument("--folder", type=Path, help="where to work")
    asked = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        nights = [Night(count, Path(folder) / f"{count}") for count in sorted(asked.listeners)]
        for one in nights:
            one.first()
            say(f"{one.listeners:,} listeners: {one.platform:.1f} s, script {one.script:.1f} s")
        nights[0].next(asked.history)
        print(table(nights))


if __name__ == "__main__":
    main()
