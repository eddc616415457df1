"""Where the registry is, and where the files of its models go.

An address may hold a password. It is bound into recipes, so what is recorded of it (its
fingerprint, its text) is the address without the password.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tasks.engine.errors import RegistryMisnamed

#: The one PostgreSQL driver that is installed with the product.
_DRIVER = "postgresql+psycopg"
_FORMS = ("sqlite:///var/registry.db, postgresql://USER@HOST:5432/DATABASE, or the "
          "http:// address of an MLflow server")


@dataclass(frozen=True)
class RegistryAddress:
    """The address of a registry, as MLflow wants it; made by `parsed`."""

    url: str = field(repr=False)
    files: str | None
    """Where models' files go (a URI); None when a server decides."""

    @classmethod
    def parsed(cls, text: str, files: str = "", bucket: str = "") -> "RegistryAddress":
        """The registry that a setting names. Raises `RegistryMisnamed`.

        ``files`` is the folder or bucket of the models' files. When it is empty they lie beside
        the SQLite file; with PostgreSQL beside ``bucket`` (the store's, if it has one), or else
        in ``var/registry-artifacts``.
        """
        scheme, separator, rest = text.partition("://")
        if scheme in ("postgresql", "postgres"):
            text, scheme = f"{_DRIVER}://{rest}", _DRIVER
        made = cls(text, None)
        if not separator or made.kind is None:
            raise RegistryMisnamed(
                f"[setlist] registry is {made.shown!r}; it must be {_FORMS}.")
        if made.kind == "postgresql":
            made._require_database()
        return cls(text, made._place_of_files(files, bucket))

    @property
    def kind(self) -> str | None:
        """``sqlite``, ``postgresql`` or ``server``; None when it is none of them."""
        scheme = self.url.partition("://")[0]
        known = {"sqlite": "sqlite", "postgresql": "postgresql", "http": "server",
                 "https": "server"}
        return known.get(scheme.partition("+")[0])

    def page(self, model: str, version: str) -> str:
        """Where a server shows a version of a model, without a password; "" where none serves."""
        if self.kind != "server":
            return ""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path.rstrip('/')}/#/models/{model}/versions/{version}"

    @property
    def path(self) -> Path:
        """The file of a SQLite registry."""
        return Path(self.url.partition(":///")[2])

    @property
    def database(self) -> str:
        """The name of a PostgreSQL database."""
        return urlsplit(self.url).path.strip("/")

    @property
    def user(self) -> str:
        """Who connects; libpq's own default when the address names nobody."""
        return urlsplit(self.url).username or os.environ.get("PGUSER", "") or "(the system's user)"

    @property
    def shown(self) -> str:
        """The address without its password."""
        parts = urlsplit(self.url)
        user, at, host = parts.netloc.rpartition("@")
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "password"]
        netloc = f"{user.partition(':')[0]}{at}{host}"
        if not netloc:
            return self.url
        return urlunsplit(parts._replace(netloc=netloc, query=urlencode(query)))

    def __fingerprint__(self) -> str:
        """What is recorded of it, and compared: another password is no other registry."""
        return self.shown

    def __str__(self) -> str:
        return self.shown

    def _require_database(self) -> None:
        try:
            _ = urlsplit(self.url).port
        except ValueError as error:
            raise RegistryMisnamed(
                f"[setlist] registry is {self.shown!r}: {error}. A password with one of the "
                "characters @ : / ? # must be written with % codes, or kept in ~/.pgpass."
            ) from None
        if not self.database:
            raise RegistryMisnamed(
                f"[setlist] registry is {self.shown!r}, which names no database; write "
                "postgresql://USER@HOST:5432/DATABASE."
            )

    def _place_of_files(self, files: str, bucket: str) -> str | None:
        if self.kind == "server" and not files:
            return None
        if files:
            return files if "://" in files else Path(files).absolute().as_uri()
        if self.kind == "sqlite":
            return self.path.absolute().with_name(f"{self.path.stem}-artifacts").as_uri()
        if bucket:
            has_prefix = "/" in bucket.partition("://")[2]
            # Beside the store where that is possible, so that listing the store stays short.
            return f"{bucket}-registry" if has_prefix else f"{bucket}/_registry"
        return Path("var/registry-artifacts").absolute().as_uri()
