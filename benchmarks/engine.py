"""What the engine costs beside plain Luigi: the same graph, the same work, written twice.

``python -m benchmarks.engine [--quick] [SIZE ...]``. Every figure is the CPU time (user and
system) of a whole fresh process, Python's start and all imports included; both ways take
turns, and the table shows medians. The last lines say what a new file costs where it ran: an
artifact is two files and two folders, plain Luigi's output one file. ext4 steps round every
file deleted in the last minutes when it makes one (30 or 500 microseconds), so nothing is
deleted here before the end; ``--folder /dev/shm`` leaves the disk out of it.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.layers import layers, stale_after

REPOSITORY = Path(__file__).resolve().parents[1]

#: Plain Luigi is not run cold on more tasks than this: its scheduler takes their square.
MOST_COLD = 5000

#: Rows by their names in the table, in its order.
ROWS = ["cold", "cold, two workers", "no-op", "no-op, through a task that asks every other",
        "no-op, 20 nights of history", "one value changed", "one value changed, same result"]


@dataclass
class Samples:
    """The measurements of one row."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"plain": [], "engine": []})
    megabytes: dict[str, int] = field(default_factory=lambda: {"plain": 0, "engine": 0})

    def add(self, kind: str, seconds: float, megabytes: int) -> None:
        """Enter one process."""
        self.seconds[kind].append(seconds)
        self.megabytes[kind] = max(self.megabytes[kind], megabytes)

    def typical(self, kind: str) -> float | None:
        """The median of one way, if it was measured."""
        return median(self.seconds[kind]) if self.seconds[kind] else None


class Bench:
    """Measures graphs of one size, each round in a folder of its own."""

    def __init__(self, folder: Path, tasks: int):
        self.folder = folder
        self.tasks = tasks
        self.rows = {name: Samples() for name in ROWS}
        self.changed = ""

    def measure(self, rounds: int, workers: int) -> None:
        """Run everything several times, plain Luigi and the engine in turn."""
        for number in range(rounds):
            kinds = ["plain", "engine"] if number % 2 else ["engine", "plain"]
            self._round(self._new_folder(f"{number}"), kinds)
            if workers > 1:
                folder = self._new_folder(f"{number}-{workers}")
                for kind in kinds:
                    self._run("cold, two workers", folder, kind, "Last", "--workers", str(workers))
            say(f"{self.tasks:,} tasks: round {number + 1} of {rounds} done")

    def _round(self, folder: Path, kinds: list[str]) -> None:
        for kind in kinds:
            if kind == "plain" and self.tasks > MOST_COLD:
                run(folder, kind, "Last", str(self.tasks), "--lean")
            else:
                self._run("cold", folder, kind, "Last")
        for _ in range(3):
            for kind in kinds:
                # Of the root alone the engine looks at everything below it; Luigi at one file.
                self._run("no-op", folder, kind, "Every" if kind == "plain" else "Last")
            self._run("no-op, through a task that asks every other", folder, "engine", "Every")
        self._remove_stale(folder)
        for kind in kinds:
            options = ["--twist", "1"] if kind == "engine" else []
            if kind == "plain" and self.tasks > MOST_COLD:
                continue
            self._run("one value changed", folder, kind, "Last", *options)
        self._run("one value changed, same result", folder, "engine", "Last", "--idle", "1")
        self.changed = outcomes(folder / "store" / "_runs", self.tasks)
        remember_nights(folder / "store" / "_journal.jsonl", 20)
        self._run("no-op, 20 nights of history", folder, "engine", "Last", "--idle", "1")

    def _new_folder(self, name: str) -> Path:
        folder = self.folder / f"{self.tasks}-{name}"
        folder.mkdir()
        return folder

    def _remove_stale(self, folder: Path) -> None:
        """What a person does without an engine: take away what a change makes stale."""
        stale = [f"{layer}/{place}.json"
                 for layer, place in stale_after(layers(self.tasks) // 2, 0, self.tasks)]
        for name in [*stale, "last.json"]:
            (folder / "plain" / name).rename(folder / "plain" / f"{name}.stale")

    def _run(self, row: str, folder: Path, kind: str, root: str, *options: str) -> None:
        seconds, megabytes = run(folder, kind, root, str(self.tasks), *options)
        self.rows[row].add(kind, seconds, megabytes)


def run(folder: Path, *arguments: str, root: str = "store") -> tuple[float, int]:
    """CPU seconds and peak megabytes of a process that runs a graph once."""
    (folder / "luigi.cfg").write_text(f"[engine]\nroot = {root}\ncache = cache\n")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY),
                   "LUIGI_CONFIG_PATH": str(folder / "luigi.cfg")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # Luigi's modules are compiled; ours too
    command = [sys.executable, "-m", "benchmarks.once", *arguments]
    child = subprocess.Popen(command, cwd=folder, env=environment)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(arguments)} failed in {folder}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def remember_nights(journal: Path, nights: int) -> None:
    """Make the store's index as long as it is after many nights of the same size."""
    lines = [json.loads(line) for line in journal.read_text().splitlines() if line]
    with journal.open("a") as more:
        for night in range(nights):
            for task, label, *rest in lines:
                more.write(f"\n{json.dumps([task, f'{label}.{night}', *rest])}\n")


def outcomes(folder: Path, tasks: int) -> str:
    """What the engine's runs recorded, checked: a benchmark of the wrong work is worth nothing."""
    counts = []
    for path in sorted(folder.iterdir()):
        lines = [json.loads(line)["outcome"] for line in path.read_text().splitlines()]
        counts.append({what: lines.count(what) for what in ("built", "reused", "failed")})
    cold, changed, same = counts
    stale = len(stale_after(layers(tasks) // 2, 0, tasks)) + 1
    if cold["built"] != tasks + 1 or changed["built"] != stale or same["built"] != 1:
        sys.exit(f"the engine built something else: {counts}")
    return f"{changed['built']:,} built; with the same result 1 built, {same['reused']:,} reused"


def bar_of(row: str, tasks: int) -> float | None:
    """At most so many times the CPU of plain Luigi, where there is a bar."""
    if row == "cold":
        return {1000: 0.5, 5000: 0.1}.get(tasks)
    return 0.6 if row == "no-op" and tasks >= 10000 else None


def table(bench: Bench) -> str:
    """The figures of one size as text."""
    head = f"{'what':46}{'plain Luigi':>13}{'engine':>9}{'ratio':>8}{'peak MB':>12}  bar"
    lines = [f"{bench.tasks:,} tasks, CPU seconds", head]
    for name, samples in bench.rows.items():
        plain, engine = samples.typical("plain"), samples.typical("engine")
        if engine is None:
            continue
        ratio = f"{engine / plain:.2f}" if plain else ""
        peak = f"{samples.megabytes['plain'] or '-'} / {samples.megabytes['engine']}"
        shown = f"{plain:.2f}" if plain else "-"
        most = bar_of(name, bench.tasks)
        bar = f"at most {most}" if most else ""
        lines.append(f"{name:46}{shown:>13}{engine:>9.2f}{ratio:>8}{peak:>12}  {bar}".rstrip())
    return "\n".join([*lines, f"(changed: {bench.changed})", *changes(bench)])


def changes(bench: Bench) -> list[str]:
    """What a change costs beside a run without one, and beside building everything."""
    noop = bench.rows["no-op"].typical("engine")
    cold = bench.rows["cold"].typical("engine")
    shares = [(name, bench.rows[name].typical("engine")) for name in ROWS[-2:]]
    return [f"{name}: {own / noop:.1f} times the engine's no-op, {own / cold:.2f} of its cold run"
            for name, own in shares]


def growth(small: Bench, large: Bench) -> str:
    """What a further task costs, between two sizes."""
    lines = [f"each task beyond {small.tasks:,}, up to {large.tasks:,}: CPU milliseconds"]
    for name in ROWS:
        found = []
        for kind in ("plain", "engine"):
            before, after = (one.rows[name].typical(kind) for one in (small, large))
            if before is not None and after is not None:
                each = (after - before) / (large.tasks - small.tasks) * 1000
                found.append(f"{kind} {each:.3f}")
        if found:
            lines.append(f"{name:46}" + ", ".join(found))
    return "\n".join(lines)


def file_cost(folder: Path) -> str:
    """What a new file costs in a folder."""
    started = time.process_time()
    for number in range(500):
        (folder / f"file-{number}").write_bytes(b"1")
    each = (time.process_time() - started) / 500 * 1e6
    return f"a new file costs {each:.0f} microseconds of CPU in {folder.parent}"


def say(text: str) -> None:
    """Progress, for whoever watches; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[], help="1000, 5000, 10000")
    parser.add_argument("--quick", action="store_true", help="200 and 1000 tasks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to work (a folder for passing files)")
    asked = parser.parse_args()
    sizes = asked.sizes or ([200, 1000] if asked.quick else [1000, 5000, 10000])
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for kind in ("plain", "engine"):  # compile what is not compiled yet
            run(Path(folder), kind, "Last", "50")
        benches = [Bench(Path(folder), size) for size in sizes]
        for bench in benches:
            bench.measure(asked.rounds, workers=2 if bench.tasks <= 1000 else 1)
            print(table(bench), "\n", flush=True)
        for small, large in itertools.pairwise(benches):
            print(growth(small, large), "\n")
        print(file_cost(Path(folder)))


if __name__ == "__main__":
    main()
