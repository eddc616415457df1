"""Ten million listener x ad pairs on two cores: minutes, CPU and memory.

``python -m benchmarks.scoring [--shards 10] [--rows 1000000] [--trees 200] [--workers 2]``. What
``ScoreListeners`` runs for each shard, in a fresh process a shard and as many at once as there are
workers, each with one thread: read the candidates (Parquet, 60 features, listener, campaign, ad,
moment), predict, calibrate, the interval, reasons for the best rows, write the scores. A shard is
as large as the design's largest, 50,000 listeners x 20 campaigns; one file of candidates stands
for all shards. The model learnt on the planted matrix, with so many trees of ad targeting's size.
Memory is the largest sum of what the processes of one moment held (their proportional share of
common pages), looked at ten times a second.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.processes import REPOSITORY, Samples, measure, say

BARS = {"minutes": 10, "GiB": 4}
CAMPAIGNS = 20


def prepare(folder: Path, rows: int, trees: int) -> None:
    """Write a live model and a shard of candidates."""
    import dataclasses

    import pandas as pd

    from benchmarks.planted import RECIPE, day_of_examples
    from ml.calibration import fit_calibration
    from ml.training import fit

    days = [day_of_examples(at, 60_000) for at in range(3)]
    recipe = dataclasses.replace(RECIPE, rounds=trees, patience=trees)
    model = fit(days[:2], days[2:], recipe=recipe)
    calibration = fit_calibration(model, days[2:], recipe=recipe)
    (folder / "model.txt").write_text(model["model.txt"])
    rest = {"card.json": model["card.json"], "calibration.json": calibration["calibration.json"],
            "live.json": {"live_day": "2026-01-03"}}  # fmt: skip
    (folder / "live.json").write_text(json.dumps(rest))
    found = day_of_examples(9, rows).drop(columns=["label", "impression"])
    listeners = [f"{one * 2654435761:016x}" for one in range(-(-rows // CAMPAIGNS))]
    pairs = pd.MultiIndex.from_product([listeners, [f"campaign-{one:02d}" for one in
                                                    range(CAMPAIGNS)]])[:rows]  # fmt: skip
    names = pairs.to_frame(index=False, name=["listener", "campaign"]).astype("str")
    named = names.assign(ad=names["campaign"] + "-a")
    pd.concat([named, found.drop(columns="listener")], axis=1).to_parquet(
        folder / "candidates.parquet", compression="zstd"
    )
    say(f"model of {model['card.json']['best_iteration']} trees, {rows:,} candidates a shard")


def score_shard(folder: Path, shard: int) -> None:
    """One task: read, score, write."""
    from benchmarks.planted import RECIPE
    from ml.scoring import score
    from tasks.engine import codec

    live = json.loads((folder / "live.json").read_text())
    live["model.txt"] = (folder / "model.txt").read_text()
    candidates = codec.read_file(folder / "candidates.parquet")
    scored = score(live, candidates, recipe=RECIPE, keys=("listener", "campaign", "ad"))
    written = folder / f"scores-{shard}"
    written.mkdir()
    codec.write(scored, written)


def held(processes: set[int]) -> int:
    """Bytes in the memory of processes, shared pages counted once among all."""
    total = 0
    for number in list(processes):
        try:
            lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has just ended
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


class Crew:
    """So many workers, each a process after the other, and the most that they held at once."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.running: set[int] = set()
        self.cpu = 0.0
        self.most = 0
        self.done = threading.Event()

    def score(self, shard: int) -> None:
        """Score a shard in a process of its own."""
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1",
                       "ARROW_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.scoring", "--folder", str(self.folder),
                   "--only", str(shard)]  # fmt: skip
        child = subprocess.Popen(command, env=environment)
        self.running.add(child.pid)
        _, status, used = os.wait4(child.pid, 0)
        self.running.discard(child.pid)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"shard {shard} failed")
        self.cpu += used.ru_utime + used.ru_stime
        say(f"shard {shard} done")

    def watch(self) -> None:
        """Remember the most memory, until it is done."""
        while not self.done.wait(0.1):
            self.most = max(self.most, held(self.running))


def main() -> None:
    """Prepare, score every shard, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=10)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to work (a folder for passing files)")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only == "prepare":
        prepare(asked.folder, asked.rows, asked.trees)
    elif asked.only:
        score_shard(asked.folder, int(asked.only))
    else:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            run(Path(folder), asked)


def run(folder: Path, asked: argparse.Namespace) -> None:
    """Score every shard with so many workers and print what it took."""
    options = ["--folder", str(folder), "--rows", str(asked.rows), "--trees", str(asked.trees)]
    measure(Samples(), "benchmarks.scoring", *options, "--only", "prepare", threads=1)
    crew, began = Crew(folder), time.monotonic()
    watcher = threading.Thread(target=crew.watch)
    watcher.start()
    with ThreadPoolExecutor(asked.workers) as workers:
        list(workers.map(crew.score, range(asked.shards)))
    took = time.monotonic() - began
    crew.done.set()
    watcher.join()
    pairs = asked.shards * asked.rows
    print(f"{pairs:,} pairs, {asked.shards} shards, {asked.workers} workers of one thread")
    print(f"wall minutes     {took / 60:8.2f}   bar {BARS['minutes']}")
    print(f"CPU minutes      {crew.cpu / 60:8.2f}   over {asked.workers} cores: "
          f"{crew.cpu / 60 / asked.workers:.2f} minutes")
    print(f"most memory, GiB {crew.most / 2**30:8.2f}   bar {BARS['GiB']}")
    print(f"load of the machine {os.getloadavg()[1]:.1f}, cores {os.cpu_count()}")


if __name__ == "__main__":
    main()
