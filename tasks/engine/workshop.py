"""What a process needs to look at graphs, made once per settings."""

import importlib
from typing import Any

from tasks.engine import isolated
from tasks.engine.bucket_path import BucketPath
from tasks.engine.reach import reader
from tasks.engine.recipe import Cook
from tasks.engine.runs import RunLog
from tasks.engine.settings import Settings, read_settings
from tasks.engine.source import SourceDigests
from tasks.engine.source_copies import SourceCopies
from tasks.engine.source_listings import SourceListings
from tasks.engine.store import open_store


class Workshop:
    """What a process needs to look at graphs: the store, source hashes, the code reader."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.store = open_store(settings)
        self.sources = SourceDigests(settings.root / "_sources.jsonl")
        self.copies = SourceCopies(settings.root, settings.source_cache_bytes)
        self.listings = SourceListings(settings.root, settings.listing_seconds, self.copies)
        self.cook = Cook(reader(settings.first_party, settings.root / "_code.json"))
        self.log = RunLog(settings.root / "_runs")
        self._to_preload = list(reversed(settings.preload))

    def prepare(self, task: Any) -> None:
        """A task will have to be built: import now what every worker process would."""
        is_elsewhere = isolated.prepare(task, self.settings)
        while self._to_preload:
            importlib.import_module(self._to_preload.pop())
        for name in () if is_elsewhere else task.preload:
            importlib.import_module(name)


_workshops: dict[Settings, Workshop] = {}


def workshop() -> Workshop:
    """The process's workshop for the present settings."""
    settings = read_settings()
    if settings not in _workshops:
        _workshops[settings] = Workshop(settings)
    return _workshops[settings]


def bucket_folder(url: str, setting: str) -> BucketPath:
    """What lies below ``gs://bucket/prefix`` as the present run has listed it; for `SourceTask`.

    Messages name the ``setting`` that holds the address. Raises `StoreError` when the bucket
    cannot be listed, and says what to do.
    """
    return workshop().listings.folder(url.rstrip("/"), setting)
