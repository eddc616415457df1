"""Every text of a registry: the values of its database, and the files of its models."""

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tasks.engine.bucket import Bucket
from tasks.engine.registry.address import RegistryAddress
from tasks.engine.registry.database import connected
from tasks.engine.registry.refusals import explained

_ROWS = 10_000


def texts_in(address: RegistryAddress) -> Iterator[tuple[str, list[Any]]]:
    """The text values of each table of the database, some thousand rows at a time.

    None for an MLflow server, whose database is not ours to read.
    """
    import sqlalchemy

    if address.kind == "server" or (address.kind == "sqlite" and not address.path.exists()):
        return
    with explained(address), connected(address) as connection:
        known = sqlalchemy.MetaData()
        known.reflect(connection)
        for table in known.sorted_tables:
            for rows in connection.execute(sqlalchemy.select(table)).partitions(_ROWS):
                yield table.name, [one for row in rows for one in row if isinstance(one, str)]


@contextmanager
def files_of(address: RegistryAddress) -> Iterator[Iterator[tuple[str, Path]]]:
    """The names of the registry's files and where each can be read until the next is asked for."""
    with tempfile.TemporaryDirectory(prefix="setlist-look-") as folder:
        yield _files(address, Path(folder) / "copy")


def _files(address: RegistryAddress, copy: Path) -> Iterator[tuple[str, Path]]:
    if address.kind == "sqlite":
        for one in sorted(address.path.parent.glob(f"{address.path.name}*")):
            yield one.name, one
    place = address.files or ""
    if place.startswith("gs://"):
        bucket = Bucket(place, setting="[setlist] registry_artifacts")
        for stored in bucket.list():
            here = copy.with_suffix(Path(stored.name).suffix)
            if bucket.download(stored.name, here, stored.generation):
                yield stored.name, here
    elif place.startswith("file://"):
        root = Path(unquote(urlsplit(place).path))
        with contextlib.suppress(FileNotFoundError):
            for path in sorted(root.rglob("*")):
                if path.is_file():
                    yield str(path.relative_to(root)), path
