"""Measure whole processes: Python's start, every import, reading and writing included."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass
class Samples:
    """What several runs of one program took."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    peak: list[int] = field(default_factory=list)

    def typical(self) -> tuple[float, float, int]:
        """Median CPU seconds (user and system), median wall seconds, largest peak in MiB."""
        return median(self.cpu), median(self.wall), max(self.peak)


def measure(samples: Samples, *arguments: str, threads: int) -> None:
    """Run ``python -m`` with the arguments in a fresh process, and enter what it took."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": str(threads),
                   "OMP_WAIT_POLICY": "passive"}
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", *arguments], env=environment)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(arguments)} failed")
    samples.cpu.append(used.ru_utime + used.ru_stime)
    samples.wall.append(time.perf_counter() - began)
    samples.peak.append(used.ru_maxrss // 1024)


def say(text: str) -> None:
    """Progress, for whoever watches; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)
