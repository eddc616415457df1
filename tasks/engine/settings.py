"""What differs between machines, read from Luigi's own configuration, section ``[engine]``."""

import functools
import os
from pathlib import Path

from tasks.engine.configured import Section, setting, written


class Settings(Section, section="engine"):
    """The engine's settings. None of them is part of a key."""

    address: str = setting(
        "var/artifacts",
        "the folder of all artifacts, or a bucket: `gs://name/prefix`. See "
        "[production](production.md)",
        name="root")
    runs_on: str = setting(
        "luigi",
        "where recipes run: `luigi` (its own workers, on this machine) or `spark`. See "
        "[a cluster](cluster.md). Artifacts are the same, so that moving rebuilds nothing")
    location: str = setting(
        "",
        "with a bucket: the region it must be in, such as `europe-west1`. Not checked when "
        "empty")
    cache: Path = setting(
        Path("var/cache"),
        "with a bucket: the folder of this machine's copies, one below it for each bucket and "
        "prefix")
    cache_gigabytes: float = setting(
        20.0,
        "with a bucket: how large the copies may grow")
    listing_seconds: float = setting(
        60.0,
        "with a bucket: for how long a listing of it serves before it is listed again. "
        "Artifacts that are missing in it are looked for one by one before they are built. A "
        "listing of sources made in the same process this short a time before a run began "
        "serves that run")
    source_cache_gigabytes: float = setting(
        5.0,
        "with sources in a bucket: how much of their files may stay on this machine when "
        "nobody reads them")
    first_party: tuple[str, ...] = setting(
        (),
        "packages whose code is followed even when they are installed as a distribution. "
        "Packages that no distribution owns are always followed")
    preload: tuple[str, ...] = setting(
        (),
        "modules to import once, before Luigi forks a worker for each task, instead of in "
        "each of them. It saves time and changes nothing. Do not name LightGBM or another "
        "library with threads of its own here")
    isolated_preload: tuple[str, ...] = setting(
        (),
        "modules to import once in the process that isolated recipes are forked from (it "
        "never uses them), instead of in each of them. It saves about three seconds of CPU "
        "per process of isolated recipes and changes nothing")
    lease_seconds: float = setting(
        60.0,
        "how long a run that stands still without dying keeps others from building what it "
        "was building. A run that dies loses its leases at once")
    retry_seconds: tuple[float, ...] = setting(
        (),
        "how long to wait before each further try of a task that lost the bucket or the "
        "registry. Nothing else is tried again within a run",
        shown="empty: no further try")
    page: str = setting(
        "",
        "where `setlist page` is served; the links on the scheduler's page lead there",
        shown="empty: the artifact's own place")
    isolated_timeout_seconds: float = setting(
        21600.0,
        "when a recipe in a process of its own (training, evaluation, scoring) is stopped and "
        "its task fails",
        shown="`21600` (6 hours)")

    @property
    def bucket(self) -> str:
        """``gs://bucket/prefix`` when artifacts live there; ``root`` then holds copies alone."""
        return self.address.rstrip("/") if "://" in self.address else ""

    @functools.cached_property
    def root(self) -> Path:
        """The folder of the artifacts, or of their copies."""
        inside = self.bucket.partition("://")[2]
        return Path(os.path.abspath(self.cache / inside if self.bucket else self.address))

    @property
    def cache_bytes(self) -> int:
        """How large the copies of a bucket's artifacts may grow."""
        return _bytes(self.cache_gigabytes)

    @property
    def source_cache_bytes(self) -> int:
        """How much of source files in a bucket may stay on this machine when nobody reads them."""
        return _bytes(self.source_cache_gigabytes)


def read_settings() -> Settings:
    """Read ``[engine]`` of ``luigi.cfg`` (or of the file that ``LUIGI_CONFIG_PATH`` names)."""
    return _read(written("engine"), os.getcwd())


@functools.cache
def _read(text: tuple[tuple[str, str], ...], folder: str) -> Settings:
    del text, folder  # what the answer is valid for
    return Settings.read()


def _bytes(gigabytes: float) -> int:
    return int(gigabytes * (1 << 30))
