"""Kill engines at random instants, break their store, damage what lies in it; then look.

``make torture`` prints the figures. It fails unless every artifact reads right, no key was
committed twice with different content, and every run after a kill succeeded without a hand.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import ledger
from fake_gcs.client import serving
from processes import Process, engine, sweep

from tasks.engine.bucket import Bucket

_RATES = {"reset": 0.035, "status": 0.035, "drop": 0.05, "duplicate": 0.035, "truncate": 0.035,
          "slow": 0.01}  # fmt: skip
FAULTS = [{"kind": kind, "rate": rate, "seconds": 0.05} for kind, rate in _RATES.items()]
FAULTS.append({"kind": "flip", "rate": 0.03, "match": "alt=media"})


class Torture:
    """One store, mistreated; its figures."""

    def __init__(self, folder, root, seed, gcs=None):
        os.chdir(folder)
        Path("data").mkdir(exist_ok=True)
        self.root, self.gcs, self.chance = root, gcs, random.Random(seed)
        self.figures = Counter()
        self.seconds = [1.0]
        self.committed = {}

    def run(self, kills):
        """Rounds of change, kill, recovery and damage, until so many were killed."""
        self.change()
        self.recover()
        while self.figures["kills"] < kills:
            self.change()
            self.kill_one()
            if self.chance.random() < 0.3:
                self.damage()
            if self.chance.random() < 0.5:
                self.recover()
        self.change()
        self.recover()
        self.look()
        return dict(self.figures)

    def change(self):
        """Other numbers in one or two sources."""
        for part in range(ledger.PARTS):
            path = Path(f"data/numbers-{part}.json")
            if not path.exists() or self.chance.random() < 0.4:
                path.write_text(json.dumps([self.chance.randrange(1000) for _ in range(3)]))

    def start(self):
        """An engine, on one of two machines (a bucket's machines share nothing else)."""
        cache = self.chance.choice(["one", "two"])
        self.figures["engines"] += 1
        return Process(engine, self.root, cache, self.chance.choice([1, 2]))

    def kill_one(self):
        """Start one, two or four engines on one graph; pause or kill one at a random instant."""
        first = self.start()
        others = [self.start() for _ in range(self.chance.choice([0, 0, 0, 0, 1, 1, 3]))]
        instant = self.chance.uniform(0, 1.3 * statistics.median(self.seconds[-20:]))
        is_killed = not first.is_done_within(instant) and self.chance.random() > 0.05
        if is_killed:
            first.kill()
            self.figures["kills"] += 1
        elif not first.is_done_within(0):
            first.pause(2.0)
            self.figures["pauses"] += 1
        self.judge(first.answer(), must_succeed=not is_killed)
        for one in others:
            self.judge(one.answer())
        if not self.gcs:
            self.compare()

    def recover(self):
        """A run that nobody disturbs (but for the store's faults) must succeed, and be right."""
        process = self.start()
        self.judge(process.answer())
        self.seconds.append(time.monotonic() - process.began)
        self.figures["recoveries"] += 1

    def judge(self, answer, must_succeed=True):
        """What an engine said when it was done; only one that was killed may say nothing."""
        if answer is None or answer["failed"]:
            self.figures["needed a hand"] += must_succeed
            sys.stderr.write(f"failed: {answer}\n" if must_succeed else "")
        else:
            self.figures["wrong"] += not answer["right"]

    def damage(self):
        """Flip, shorten or remove a payload file."""
        done = self.damage_object() if self.gcs else self.damage_file()
        self.figures["damages"] += done

    def damage_file(self):
        files = sorted(Path(self.root).glob("[!_]*/*/*/[!m]*"))
        if not files:
            return 0
        path = self.chance.choice(files)
        how = self.chance.choice(["flip", "shorten", "remove"])
        content = path.read_bytes()
        if how == "remove":
            path.unlink()
        else:
            path.write_bytes(damaged(content, how))
        self.committed.pop(path.parent, None)
        return 1

    def damage_object(self):
        bucket = Bucket(self.root)
        found = [one for one in bucket.list() if not one.name.startswith("_")
                 and not one.name.endswith("manifest.json")]  # fmt: skip
        if not found:
            return 0
        one = self.chance.choice(found)
        how = self.chance.choice(["flip", "shorten", "remove"])
        if how == "remove":
            bucket.delete(one.name, one.generation)
        else:
            bucket.replace(one.name, damaged(bucket.read(one.name), how), one.generation)
        return 1

    def compare(self):
        """Note what manifests in a folder say; one that says something else was written twice."""
        for path in Path(self.root).glob("[!_]*/*/*/manifest.json"):
            digest = json.loads(path.read_text())["digest"]
            self.figures["twice"] += self.committed.setdefault(path.parent, digest) != digest

    def look(self):
        """Read everything with copies of its own, and ask the server what it was told."""
        if self.gcs and self.gcs.is_ours:
            self.figures["faults"] += sum(self.gcs.control()["hits"].values())
            self.gcs.control(faults=[])
            self.figures["twice"] += committed_twice(self.gcs.control()["history"])
        found = Process(sweep, self.root, "fresh").answer()
        for name in ("artifacts", "damaged", "wrong"):
            self.figures[name] += found[name]


def damaged(content, how):
    if how == "shorten" or not content:
        return content[: len(content) // 2]
    at = len(content) // 3
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


def committed_twice(history):
    """Manifests that were put over another, or put with other content and never removed."""
    there, twice = {}, 0
    for what, name, md5 in history:
        if "/_corrupt/" in name:
            continue
        if what == "put":
            twice += name in there and there[name] != md5
            there[name] = md5
        else:
            there.pop(name, None)
    return twice


def torture(kind, folder, kills, seed=1):
    """Torture a new store of one kind; the figures."""
    if kind == "folder":
        return Torture(folder, "store", seed).run(kills)
    with serving() as gcs:
        root = f"gs://{gcs.new_bucket()}/some/prefix"
        if gcs.is_ours:
            gcs.control(faults=FAULTS, seed=seed)
        return Torture(folder, root, seed, gcs).run(kills)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--store", choices=["folder", "bucket"], default="folder")
    options.add_argument("--kills", type=int, default=250)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    folder = tempfile.mkdtemp()
    began = time.monotonic()
    figures = torture(chosen.store, folder, chosen.kills, chosen.seed)
    shutil.rmtree(folder)
    sys.stdout.write(f"{chosen.store}: {said(figures)}, {time.monotonic() - began:.0f} s\n")
    sys.exit(any(figures.get(name) for name in ("wrong", "twice", "needed a hand")))


def said(figures):
    names = ("kills", "pauses", "faults", "damages", "engines", "recoveries", "artifacts",
             "damaged", "wrong", "twice", "needed a hand")  # fmt: skip
    return ", ".join(f"{figures.get(name, 0):,} {name}" for name in names)


if __name__ == "__main__":
    main()
