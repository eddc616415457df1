"""The engine beside others of its kind: ``python -m benchmarks.peers [--quick] [SIZE ...]``.

One graph and one work for all, each written as its own documentation would and run in fresh
processes: cold, again, and after one value in the middle changed. Figures are the CPU seconds of
whole processes (what they start included) and their peak memory. `make bench-setup` installs the
others into a virtual environment of their own; one that is not installed is left out, and so is
a size that would take one of them longer than ten minutes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.layers import answer

REPOSITORY = Path(__file__).resolve().parents[2]
ELSEWHERE = REPOSITORY / ".venv-bench" / "bin" / "python"

#: Name -> the package that must be there; what it looks at to know what is stale.
PEERS = {
    "engine": ("tasks", "content, code, values"),
    "luigi": ("luigi", "that files are there"),
    "gokart": ("gokart", "parameters"),
    "redun": ("redun", "code, values"),
    "hamilton": ("hamilton", "code, data"),
    "snakemake": ("snakemake", "times, code, values"),
}

RUNS = {"cold": [], "no-op": [], "one change": ["--twist", "1"]}
LONGEST = 600.0


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of one process, and its peak memory."""

    cpu: float
    wall: float
    mebibytes: int


def python_of(name: str) -> str | None:
    """The Python that has a peer, if any has."""
    for python in (sys.executable, str(ELSEWHERE)):
        if Path(python).exists() and not subprocess.run(
            [python, "-c", f"import {PEERS[name][0]}"], cwd=REPOSITORY, capture_output=True,
        ).returncode:
            return python
    return None


def run(python: str, name: str, folder: Path, tasks: int, options: list[str]) -> Cost | None:
    """Run a peer once and check its answer; None when it took too long."""
    (folder / "luigi.cfg").write_text("[engine]\nroot = store\ncache = cache\n")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY),
                   "LUIGI_CONFIG_PATH": str(folder / "luigi.cfg")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [python, "-m", f"benchmarks.peers.run_{name}", str(tasks), *options]
    started = time.perf_counter()
    with (folder / "said").open("w") as said, (folder / "log").open("w") as log:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=log,
                                 start_new_session=True)
        while (done := os.wait4(child.pid, os.WNOHANG))[0] == 0:
            if time.perf_counter() - started > LONGEST:
                os.killpg(child.pid, 9)
                os.wait4(child.pid, 0)
                return None
            time.sleep(0.02)
    wall, used = time.perf_counter() - started, done[2]
    child.returncode = os.waitstatus_to_exitcode(done[1])
    words = (folder / "said").read_text().split()
    expected = str(answer(tasks, 1 if options else 0))
    if child.returncode or not words or words[-1] != expected:
        sys.exit(f"{name} said {words[-1:]} instead of {expected}:\n"
                 f"{(folder / 'log').read_text()[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss // 1024)


def measure(python: str, name: str, folder: Path, tasks: int) -> dict[str, Cost]:
    """The costs of a peer at one size, as far as it came within the time."""
    costs: dict[str, Cost] = {}
    for what, options in RUNS.items():
        cost = run(python, name, folder, tasks, options)
        if cost is None:
            print(f"{name}: {what} of {tasks:,} tasks took more than {LONGEST:.0f} s; left out")
            break
        costs[what] = cost
    return costs


def table(tasks: int, costs: dict[str, dict[str, Cost]]) -> str:
    """The figures of one size as text: CPU seconds, ratio to the engine, peak memory."""
    lines = [f"{tasks:,} tasks: CPU seconds (times the engine's), peak MiB",
             f"{'':12}" + "".join(f"{what:>24}" for what in RUNS) + "   looks at"]
    for name, own in costs.items():
        cells = []
        for what in RUNS:
            if what in own and what in costs["engine"]:
                ratio = own[what].cpu / costs["engine"][what].cpu
                cells.append(f"{own[what].cpu:.2f} ({ratio:.2f}) {own[what].mebibytes:,}")
            else:
                cells.append("-")
        lines.append(f"{name:12}" + "".join(f"{cell:>24}" for cell in cells)
                     + f"   {PEERS[name][1]}")
    return "\n".join(lines)


def too_long(earlier: dict[str, Cost], tasks: int, before: int) -> bool:
    """Whether a cold run would surely take too long, growing no more than with its tasks."""
    return "cold" not in earlier or earlier["cold"].wall * tasks / before > LONGEST


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[], help="1000 and 10000 if absent")
    parser.add_argument("--quick", action="store_true", help="200 tasks")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    asked = parser.parse_args()
    names = ["engine", *(name for name in asked.peers if name != "engine")]
    pythons = {name: python_of(name) for name in names}
    for name in (name for name, python in pythons.items() if python is None):
        print(f"{name} is not installed and left out; make bench-setup installs it")
    before: dict[str, dict[str, Cost]] = {}
    size_before = 0
    for tasks in asked.sizes or ([200] if asked.quick else [1000, 10000]):
        costs: dict[str, dict[str, Cost]] = {}
        with tempfile.TemporaryDirectory() as folder:
            for name, python in pythons.items():
                if python is None:
                    continue
                if size_before and too_long(before[name], tasks, size_before):
                    print(f"{name}: {tasks:,} tasks would take more than {LONGEST:.0f} s; left out")
                    costs[name] = {}
                    continue
                (Path(folder) / name).mkdir()
                costs[name] = measure(python, name, Path(folder) / name, tasks)
        print(table(tasks, costs), "\n", flush=True)
        before, size_before = costs, tasks


if __name__ == "__main__":
    main()
