"""What this deployment runs on: the source, its days and shards, and the secret of pseudonyms.

Read from ``luigi.cfg``, section ``[setlist]``; ``docs/configuration.md`` lists every setting.
"""

import datetime as dt
import functools
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from ml.privacy import PseudonymKey
from ml.sources import SOURCES
from ml.sources.place import Place
from ml.sources.source import Source
from ml.tables import TABLES
from ml.world import World
from tasks.deployment_settings import SetlistSettings, TrainingSettings, WorldSettings
from tasks.engine.bucket_path import BucketPath
from tasks.engine.configured import Misconfigured, written
from tasks.engine.registry import RegistryAddress
from tasks.engine.settings import Settings, read_settings
from tasks.engine.workshop import bucket_folder

#: Known to everybody who reads this: good for invented listeners only.
_OPEN_KEY = b"setlist demonstration key: not a secret"
_DEMONSTRATION_DAYS = 35


@dataclass(frozen=True)
class Deployment:
    """The source and the settings that go with it."""

    source: Source
    place: str
    shards: int
    key: PseudonymKey
    world: World
    minimum_audience: int
    registry: RegistryAddress
    forgotten: Path
    segment_names: Path = Path("segment_names.csv")
    requests: Path = Path("var/requests")

    @property
    def folder(self) -> Path | BucketPath:
        """Where the source's files are; in a bucket, as the present run has listed them."""
        if "://" in self.place:
            return bucket_folder(self.place, "[setlist] folder")
        return Path(self.place)

    def shards_of(self, table: str) -> range:
        """The shards of a table: one when it is not about listeners."""
        return range(self.shards if TABLES[table].by_listener else 1)

    def has(self, table: str) -> bool:
        """Whether the source offers a table."""
        return table in self.source.tables

    def labelled(self, day: dt.date) -> bool:
        """Whether the labels of a day are known, or awaited; not those of a day to score."""
        known = self.source.labelled
        return known is None or known(self.folder, day)

    def answered(self, day: dt.date) -> bool:
        """Whether the outcomes of a day have come."""
        return (self.is_world or self.has_files("outcomes", day)) and self.labelled(day)

    def has_files(self, table: str, day: dt.date) -> bool:
        """Whether a day of a table has come, from a source that has files."""
        return self._has_files(self.folder, table, day)

    def _has_files(self, folder: Place, table: str, day: dt.date) -> bool:
        return bool(self.source.paths(folder, table, day))

    @property
    def is_world(self) -> bool:
        """Whether the source is the built-in listening world, which is made, not read."""
        return self.source.days is None

    def days(self) -> list[dt.date]:
        """The days that can be read; for the world, those of the demonstration."""
        if self.source.days is None:
            first = self.world.first_day
            return [first + dt.timedelta(one) for one in range(_DEMONSTRATION_DAYS)]
        folder = self.folder
        days = self.source.days(folder) if folder.is_dir() else []
        if not days:
            raise Misconfigured(
                f"no day of source {self.source.name} in {folder}. "
                "Set [setlist] folder in luigi.cfg to where its files are."
            )
        return days

    @property
    def first_day(self) -> dt.date:
        """The first day of the source: nothing before it is asked for."""
        return self.world.first_day if self.is_world else self.days()[0]

    @property
    def last_day(self) -> dt.date:
        """The newest day of the source."""
        return self.days()[-1]


def training_ranks() -> int:
    """In how many processes a model is trained. Raises `Misconfigured`."""
    ranks = TrainingSettings.read().ranks
    if ranks < 1:
        raise Misconfigured(f"[training] ranks is {ranks}; it must be at least 1.")
    return ranks


def deployment() -> Deployment:
    """The deployment that ``luigi.cfg`` describes. Raises `Misconfigured`."""
    secret = os.environ.get("SETLIST_PSEUDONYM_KEY", "")
    return _described(written("setlist"), written("world"), secret, read_settings())


@functools.cache
def _described(
    setlist: tuple[tuple[str, str], ...], world: tuple[tuple[str, str], ...], secret: str,
    engine: Settings,
) -> Deployment:
    del setlist, world  # what the answer is valid for
    said, invented = SetlistSettings.read(), WorldSettings.read()
    _refuse(said)
    if not secret and said.source != "world":
        warnings.warn(
            "SETLIST_PSEUDONYM_KEY is not set: listeners are pseudonymised with the open "
            "demonstration key, which protects nobody.", stacklevel=3,
        )
    return Deployment(
        source=SOURCES[said.source], place=said.folder, shards=said.shards,
        key=_key(secret), world=World(listeners=invented.listeners, seed=invented.seed),
        minimum_audience=said.minimum_audience,
        registry=RegistryAddress.parsed(said.registry, said.registry_artifacts, engine.bucket),
        forgotten=Path(said.forgotten), segment_names=Path(said.segment_names),
        requests=Path(said.requests),
    )


def _refuse(said: SetlistSettings) -> None:
    if said.source not in SOURCES:
        raise Misconfigured(
            f"[setlist] source is {said.source!r}; the sources are {', '.join(sorted(SOURCES))}."
        )
    if said.shards < 1:
        raise Misconfigured(f"[setlist] shards is {said.shards}; it must be at least 1.")
    for name in ("forgotten", "segment_names", "requests"):
        if "://" in (path := getattr(said, name)):
            raise Misconfigured(
                f"[setlist] {name} is {path}; it must be on this machine. Only folder may be "
                "in a bucket."
            )


def _key(secret: str) -> PseudonymKey:
    try:
        return PseudonymKey(secret.encode() or _OPEN_KEY)
    except ValueError as short:
        raise Misconfigured(f"SETLIST_PSEUDONYM_KEY cannot be used: {short}") from short
