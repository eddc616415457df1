"""The records of finished runs in a bucket, below ``_runs/``, for all machines that use it."""

import contextlib
import datetime as dt
import logging
import os
from pathlib import Path

from tasks.engine.bucket import Bucket, Stored
from tasks.engine.errors import StoreError

logger = logging.getLogger(__name__)

_PLACE = "_runs/"


class BucketRuns:
    """Keeps records of runs where every machine finds them."""

    def __init__(self, bucket: Bucket):
        self.bucket = bucket

    def keep(self, record: Path) -> None:
        """Upload a record, once. A run that ended is not undone when that fails: it is said."""
        try:
            self.bucket.create(_PLACE + record.name, record)
        except StoreError as error:
            logger.warning("the record %s stays on this machine: %s", record.name, error)

    def bring(self, folder: Path) -> None:
        """Download the records of this month and the last that are not in the folder yet.

        Names begin with the time a run began, so that the years before are not even listed.
        """
        for prefix in _months(dt.datetime.now(dt.UTC)):
            for stored in self.bucket.list(_PLACE + prefix):
                name = stored.name.removeprefix(_PLACE)
                if "/" not in name and not (folder / name).exists():
                    _receive(self.bucket, stored, folder / name)


def _months(now: dt.datetime) -> list[str]:
    before = now.replace(day=1) - dt.timedelta(1)
    return [f"{before:%Y%m}", f"{now:%Y%m}"]


def _receive(bucket: Bucket, stored: Stored, place: Path) -> None:
    """Whole or not at all: another process may read the folder."""
    place.parent.mkdir(parents=True, exist_ok=True)
    arriving = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        if bucket.download(stored.name, arriving, stored.generation):
            arriving.replace(place)
    finally:
        with contextlib.suppress(FileNotFoundError):
            arriving.unlink()
