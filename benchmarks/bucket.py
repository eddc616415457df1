"""What a bucket costs: requests of a night with nothing to do, and transfers beside the client's.

``python -m benchmarks.bucket [--tasks N] [--small N] [--large N] [--mebibytes N]``. The server is
the tests' own on this machine (or the one that ``STORAGE_EMULATOR_HOST`` names, whose requests
are not counted), so the seconds say what the client's side costs, not what a network does.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from luigi import configuration

from benchmarks.engine import REPOSITORY, run
from benchmarks.graph_engine import Every
from benchmarks.processes import say
from tasks.engine import building, listing
from tasks.engine.bucket import Bucket
from tasks.engine.bucket_store import BucketStore
from tasks.engine.explain import graph
from tasks.engine.journal import entry_of
from tasks.engine.manifest import Manifest, digest_of_payload, from_json
from tasks.engine.payload import payload_of
from tasks.engine.settings import Settings
from tasks.engine.walk import Walk, is_artifact
from tasks.engine.workshop import workshop

THREADS, MANY = 8, 100
ADDRESS = ("Moved", "files", "0" * 32)


def quiet_night(gcs: Any, folder: Path, tasks: int) -> None:
    """Build a graph in a folder, move it to a bucket, and run it there: nothing is to be done."""
    say(f"building {tasks:,} tasks in a folder")
    build_all(folder, tasks)
    bucket = Bucket(f"gs://{gcs.new_bucket()}/store")
    found = sorted((folder / "store").glob("[!_]*/*/*/manifest.json"))
    say(f"moving {len(found):,} artifacts to {bucket.url}")
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda path: move(path, bucket), found))
    (folder / "store").rename(folder / "moved")
    if gcs.is_ours:
        gcs.control(reset=True)
    began = time.perf_counter()
    cpu, peak = run(folder, "engine", "Every", str(tasks), root=bucket.url)
    counts = gcs.control()["counts"] if gcs.is_ours else "not counted"
    print(f"no-op over {len(found):,} artifacts: requests {counts}, {cpu:.1f} s CPU, "
          f"{time.perf_counter() - began:.1f} s, peak {peak} MiB")


def build_all(folder: Path, tasks: int) -> None:
    """Build every task of the graph in a folder's store, without the cost of a scheduler."""
    config = configuration.get_config()
    config.set("engine", "root", str(folder / "store"))
    walk = Walk(workshop())
    for task in graph(Every(tasks)):
        if is_artifact(task):
            building.make(task, walk)  # type: ignore[arg-type]


def move(path: Path, bucket: Bucket) -> None:
    """Make a folder's artifact one of the bucket, as a commit would."""
    text = path.read_bytes()
    manifest = from_json(text.decode(), str(path))
    entry = entry_of(manifest)
    for name, _, sha256 in entry.files:
        bucket.create(listing.object_of(entry.address, name, sha256), path.with_name(name))
    name = f"{'/'.join(entry.address)}/{listing.MANIFEST}"
    bucket.create(name, text, listing.about(manifest, text))


def transfers(gcs: Any, folder: Path, files: int, size: int) -> None:
    """Write and read an artifact of many files, by the store and by the plain client in turn."""
    source = folder / f"source-{size}"
    source.mkdir()
    for number in range(files):
        part = os.urandom(min(size, 1 << 20))
        (source / f"{number:05}.bin").write_bytes(part * max(1, size >> 20))
    taken: dict[str, list[float]] = {"hashing alone": [timed(lambda: payload_of(source))]}
    for number, way in enumerate(("client", "store", "store", "client") * 2):
        write, read = ((by_client, by_client) if way == "client" else (commit, fetched))
        url, place = f"gs://{gcs.new_bucket()}/store", folder / f"{size}-{number}"
        for what, move in (("writes", write), ("reads", read)):
            os.sync()
            took = timed(partial(move, url, source, place, upload=what == "writes"))
            taken.setdefault(f"{way} {what}", []).append(took)
        if gcs.is_ours:
            gcs.control(clear=True)
        # Many stay: a disk is slow to find room for a file just after it freed that of others.
        if files < MANY:
            shutil.rmtree(place)
    seconds = {what: median(each) for what, each in taken.items()}
    told = ", ".join(f"{what} {took:.2f} s" for what, took in seconds.items())
    ratios = [seconds[f"store {what}"] / seconds[f"client {what}"] for what in ("writes", "reads")]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{files:,} files of {size:,} bytes, the median of four times: {told}; "
          f"{ratios[0]:.2f} and {ratios[1]:.2f} times, peak {peak} MiB so far")


def store_in(url: str, place: Path, cache: Path) -> BucketStore:
    return BucketStore(Settings(address=f"{url}/{place.name}", cache=cache))


def fetched(url: str, source: Path, place: Path, upload: bool) -> None:
    """Read as another machine: no copy is there."""
    store = store_in(url, place, place / "elsewhere")
    entry = store.find(ADDRESS)
    assert entry is not None
    store.read(entry, as_path=True)


def commit(url: str, source: Path, place: Path, upload: bool) -> None:
    store = store_in(url, place, place)
    with store.staging() as stage:
        for one in source.iterdir():
            os.link(one, stage / one.name)
        payload = payload_of(stage)
        store.commit(stage, Manifest(
            *ADDRESS, parameters={}, function="", values={}, code={}, libraries={}, inputs={},
            payload=payload, codec="files", digest=digest_of_payload(payload), rows=None,
            reasons=[], previous=None, created="", seconds=0.0, peak_memory_bytes=None, host="",
        ))


def by_client(url: str, source: Path, place: Path, upload: bool) -> None:
    """The same files with the client alone, as many at once."""
    from google.cloud import storage

    bucket = storage.Client(project=None).bucket(url.split("/")[2])
    place.mkdir(exist_ok=True)

    def one(name: str) -> None:
        blob = bucket.blob(f"{place.name}/{name}", chunk_size=8 << 20 if upload else None)
        move = blob.upload_from_filename if upload else blob.download_to_filename
        move(str((source if upload else place) / name), checksum="crc32c")

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one, [one.name for one in source.iterdir()]))


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--small", type=int, default=2_000)
    parser.add_argument("--large", type=int, default=10)
    parser.add_argument("--mebibytes", type=int, default=256)
    asked = parser.parse_args()
    sys.path.append(str(REPOSITORY / "tests"))
    from fake_gcs.client import serving

    with serving() as gcs, tempfile.TemporaryDirectory() as folder:
        if asked.tasks:
            quiet_night(gcs, Path(folder), asked.tasks)
        transfers(gcs, Path(folder), asked.small, 10_000)
        transfers(gcs, Path(folder), asked.large, asked.mebibytes << 20)


if __name__ == "__main__":
    main()
