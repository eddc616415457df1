"""Twenty million plays ingested, summarised and joined to impressions: four ways, one result.

``python -m benchmarks.events [--events 20000000] [--days 20] [--joined 7] [--ways duckdb ours]``.
The log is Parquet, a file a day, as `benchmarks.events.log` makes it. From there each way

- ingests plays and impressions: checks the contract's rules, sets bad rows aside, drops exact
  repeats, replaces listeners by their HMAC, sorts, writes four shards of a day;
- summarises a day's plays: 88 whole numbers a listener (sessions, skips, hours, moods, two
  sketches of what was heard), and plays by device, context, genre and artist;
- joins, for the last ``--joined`` days, every impression with twelve features of the 28 days
  before (as many as there are) and with the plays that had ended earlier on its day.

*Ours* is the product's functions as its tasks call them (`benchmarks.events.ours`), in two
processes; the others are written by hand for this log alone, in one process of two threads. Ours
also knows what this log does not show: columns left out, text where numbers belong, other tables.
The others read of the summaries only the columns that they need; ours reads them whole.

All must come to the same: every count, every integer of the summaries and joined rows, and
fractions to a millionth of a millionth; else the command fails. CPU seconds are of whole
processes, their children and imports included; memory is the largest process, and the most that
all processes of a way held at one moment (looked at ten times a second, shared pages once).
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.events import compare, log
from benchmarks.events.layout import Job
from benchmarks.events.working import STAGES, WAYS, work
from benchmarks.processes import REPOSITORY, say
from benchmarks.scoring import held

BARS = {"times DuckDB's CPU": 1.3, "MiB": 4096}
HEADER = (*STAGES, "start", "all", "x DuckDB", "wall s", "MiB", "MiB at once")


class Watched:
    """A way in a process of its own: what it cost."""

    def __init__(self, command: list[str]):
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1",
                       "POLARS_MAX_THREADS": "2"}  # fmt: skip
        began = time.monotonic()
        self.child = subprocess.Popen([sys.executable, "-m", *command], env=environment)
        self.most, self.ended = 0, threading.Event()
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        _, status, used = os.wait4(self.child.pid, 0)
        self.ended.set()
        watcher.join()
        self.child.returncode = os.waitstatus_to_exitcode(status)
        if self.child.returncode:
            raise SystemExit(f"{' '.join(command)} failed")
        self.wall = time.monotonic() - began
        self.cpu, self.largest = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024

    def _watch(self) -> None:
        while not self.ended.wait(0.1):
            self.most = max(self.most, held(family(self.child.pid)) // 2**20)


def family(process: int) -> set[int]:
    """A process and its descendants."""
    found = {process}
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found |= {one for child in listed.read_text().split() for one in family(int(child))}
        except OSError:  # it has just ended
            continue
    return found


def installed(way: str) -> bool:
    """Whether the package of a way is there; says how to get it when it is not."""
    there = way in ("ours", "pandas") or importlib.util.find_spec(way) is not None
    if not there:
        print(f"{way} is not installed: its row is left out. To have it: make bench-setup, then "
              ".venv-bench/bin/python -m benchmarks.events")
    return there


def job_of(asked: argparse.Namespace, way: str) -> Job:
    return Job(asked.folder / "log", asked.folder / way, asked.days, asked.joined, asked.shards)


def run(asked: argparse.Namespace) -> None:
    """Make the log, go every way, compare, print."""
    options = [f"--{name}={getattr(asked, name)}"
               for name in ("folder", "events", "days", "joined", "shards")]  # fmt: skip
    say(f"a log of {asked.events:,} plays")
    Watched(["benchmarks.events", *options, "--only", "log"])
    print(f"{asked.events:,} plays in {asked.days} days, {asked.joined} days joined; bars "
          + ", ".join(f"{bar} {what}" for what, bar in BARS.items()))  # fmt: skip
    print(f"{'CPU seconds':12}" + "".join(f"{name:>12}" for name in HEADER), flush=True)
    costs = {}
    for way in filter(installed, asked.ways):
        say(way)
        costs[way] = Watched(["benchmarks.events", *options, "--only", way])
        print(row(way, job_of(asked, way), costs), flush=True)
    apart = differences({way: job_of(asked, way) for way in costs})
    print("\n".join(apart) if apart else "All came to the same result.")
    sys.exit(bool(apart))


def row(way: str, job: Job, costs: dict[str, Watched]) -> str:
    """What a way cost; the ratio is to DuckDB's CPU seconds, if it was measured before."""
    cost, spent = costs[way], json.loads((job.out / "spent.json").read_text())
    rest = cost.cpu - sum(spent.values())
    ratio = f"{cost.cpu / costs['duckdb'].cpu:.2f}" if "duckdb" in costs else "-"
    figures = [f"{spent[name]:.1f}" for name in STAGES] + [f"{rest:.1f}", f"{cost.cpu:.1f}", ratio,
               f"{cost.wall:.0f}", f"{cost.largest:,}", f"{cost.most:,}"]  # fmt: skip
    return f"{way:12}" + "".join(f"{figure:>12}" for figure in figures)


def differences(jobs: dict[str, Job]) -> list[str]:
    """In what the ways differ, a line each; none when they agree."""
    digests = {way: compare.digest(job) for way, job in jobs.items()}
    first, *others = digests
    found = [f"{what}: {first} has {value}, {way} {digests[way][what]}"
             for what, value in digests[first].items()
             for way in others if digests[way][what] != value]  # fmt: skip
    rows = compare.joined(jobs[first])
    for way in others:
        apart = compare.furthest(rows, compare.joined(jobs[way]))
        if not apart <= compare.CLOSE:
            found.append(f"features: {first} and {way} are {apart:.2g} apart")
    return found


def main() -> None:
    """Run all of it, or (in a process of its own) one way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--joined", type=int, default=7)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--folder", type=Path, help="where to work, and to keep what is made")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only == "log":
        log.write(job_of(asked, "log"), asked.events // asked.days)
    elif asked.only:
        job = job_of(asked, asked.only)
        spent = work(asked.only, job)
        (job.out / "spent.json").write_text(json.dumps(spent))
    elif asked.folder:
        run(asked)
    else:
        with tempfile.TemporaryDirectory() as folder:
            asked.folder = Path(folder)
            run(asked)


if __name__ == "__main__":
    main()
