"""What differs between machines, read from Luigi's own configuration, section ``[engine]``."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

from luigi import configuration


@dataclass(frozen=True)
class Settings:
    """The engine's settings; see ``docs/configuration.md`` for what each is for.

    ``first_party`` names packages whose code is followed even when they are installed as a
    distribution. Packages that lie outside every installed distribution are always followed.
    """

    root: Path
    first_party: tuple[str, ...]
    lease_seconds: float
    isolated_timeout_seconds: float
    preload: tuple[str, ...]
    """Modules to import once, before Luigi forks a worker for each task, instead of in each."""
    isolated_preload: tuple[str, ...] = ()
    """Modules to import once, before isolated recipes are forked, instead of in each."""
    bucket: str = ""
    """``gs://bucket/prefix`` when artifacts live there; ``root`` then holds copies alone."""
    location: str = ""
    """The region the bucket must be in; it is not asked for when empty."""
    cache_bytes: int = 20 << 30
    listing_seconds: float = 60.0
    """How old a listing of the bucket may be for another look at a graph."""
    source_cache_bytes: int = 5 << 30
    """How much of source files in a bucket may stay on this machine when nobody reads them."""
    retry_seconds: tuple[float, ...] = ()
    """How long to wait before each further try of a task that lost a connection."""
    page: str = ""
    """Address of a page that shows artifacts; the scheduler's tracking links lead there."""


def read_settings() -> Settings:
    """Read ``[engine]`` of ``luigi.cfg`` (or of the file that ``LUIGI_CONFIG_PATH`` names)."""
    return _read(written("engine"), os.getcwd())


def written(section: str) -> tuple[tuple[str, str], ...]:
    """A section as it stands in the settings: what cached answers about it are valid for.

    Luigi takes a tenth of a millisecond to look a setting up, and a night asks thousands of times.
    """
    config = configuration.get_config()
    return tuple(config.items(section, raw=True)) if config.has_section(section) else ()


@functools.cache
def _read(text: tuple[tuple[str, str], ...], folder: str) -> Settings:
    del text, folder  # what the answer is valid for
    config = configuration.get_config()
    root, cache = config.get("engine", "root", "var/artifacts"), config.get("engine", "cache", "")
    bucket = root.rstrip("/") if "://" in root else ""
    if bucket:
        root = os.path.join(cache or "var/cache", bucket.partition("://")[2])
    return Settings(
        root=Path(os.path.abspath(root)),
        bucket=bucket,
        location=config.get("engine", "location", ""),
        cache_bytes=_gigabytes(config.getfloat("engine", "cache_gigabytes", 20.0)),
        source_cache_bytes=_gigabytes(config.getfloat("engine", "source_cache_gigabytes", 5.0)),
        listing_seconds=config.getfloat("engine", "listing_seconds", 60.0),
        first_party=_words(config.get("engine", "first_party", "")),
        lease_seconds=config.getfloat("engine", "lease_seconds", 60.0),
        isolated_timeout_seconds=config.getfloat("engine", "isolated_timeout_seconds", 6 * 3600.0),
        preload=_words(config.get("engine", "preload", "")),
        isolated_preload=_words(config.get("engine", "isolated_preload", "")),
        retry_seconds=tuple(map(float, _words(config.get("engine", "retry_seconds", "")))),
        page=config.get("engine", "page", "").rstrip("/"),
    )


def _gigabytes(number: float) -> int:
    return int(number * (1 << 30))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


