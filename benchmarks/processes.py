"""Measure whole processes: Python's start, every import, reading and writing included."""

import ctypes
import os
import resource
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


def everything_used(child: subprocess.Popen, what: str) -> float:
    """CPU seconds of a process and of every process it started, whoever waited for those.

    What outlives its parent becomes ours (Linux), is waited for, and counts.
    """
    before = _used_by_children()
    child.wait()
    if child.returncode:
        sys.exit(f"{what} failed with exit code {child.returncode}")
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return _used_by_children() - before


def _used_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind (Linux, ``PR_SET_CHILD_SUBREAPER``)."""
    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0):
        sys.exit(f"cannot adopt orphans: {os.strerror(ctypes.get_errno())}")


def say(text: str) -> None:
    """Progress, for whoever watches; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)
