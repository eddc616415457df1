"""The registry's database: who may write now, and whether its schema is ours.

A fresh database is made on first touch, by one process: MLflow's migrations race otherwise.
Publishing the same family is also for one at a time, so that finding a model, registering it and
moving the alias are one step. The lock is the database's own (an advisory lock of the session,
or a lock on a file beside SQLite), so it is gone the moment its holder dies.

A database that exists is never upgraded by itself: an older process elsewhere may be using it.
"""

import datetime as dt
import fcntl
import functools
import logging
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tasks.engine.errors import RegistryOutdated, RegistryTooNew, RegistryUnreachable
from tasks.engine.registry.address import RegistryAddress
from tasks.engine.registry.refusals import denied, explained

#: How long another process may hold the registry before we give up, in seconds.
PATIENCE = 600.0
_CONNECT_SECONDS = 10
#: The first half of our advisory locks' keys: "setl" as a number.
_CLASS = int.from_bytes(b"setl", "big")


@dataclass(frozen=True)
class Schema:
    """The revision of a database's schema, and the one that the installed MLflow wants."""

    found: str | None
    """None for a database that nobody has touched yet."""
    wanted: str

    @property
    def is_current(self) -> bool:
        """Whether it is the one that is wanted."""
        return self.found == self.wanted


@contextmanager
def opened(
    address: RegistryAddress, name: str, patience: float = PATIENCE
) -> Iterator[Any]:
    """An MLflow client on a registry whose schema is ours, while nobody else writes ``name``.

    Raises the subclasses of `RegistryError`.
    """
    with explained(address):
        with _alone(address, "schema", patience):
            require_current(address)
            client = _client(address)
        with _alone(address, name, patience):
            yield client


@contextmanager
def looked_at(address: RegistryAddress) -> Iterator[Any]:
    """An MLflow client to read with; None when nobody has touched the registry yet."""
    with explained(address):
        found = require_current(address)
        yield _client(address) if found is None or found.found else None


def schema_of(address: RegistryAddress) -> Schema | None:
    """The schema of a registry; None for an MLflow server, which sees to its own."""
    if address.kind == "server":
        return None
    if address.kind == "sqlite" and not address.path.exists():
        return Schema(None, _head())
    from alembic.migration import MigrationContext

    with explained(address), connected(address) as connection:
        return Schema(MigrationContext.configure(connection).get_current_revision(), _head())


def require_current(address: RegistryAddress) -> Schema | None:
    """The schema of a registry, if it is untouched or ours.

    Raises `RegistryOutdated` or `RegistryTooNew`.
    """
    schema = schema_of(address)
    if schema is None or schema.found is None or schema.is_current:
        return schema
    where = f"registry {address}: its schema is {schema.found}"
    if schema.found in _known():
        raise RegistryOutdated(
            f"{where}, of an older MLflow; {_mlflow()} needs {schema.wanted}. Back the database "
            "up, stop what still runs the older version, then: setlist doctor --upgrade-registry"
        )
    raise RegistryTooNew(
        f"{where}, which {_mlflow()} does not know: a newer version upgraded it. Update this "
        "machine to the version that did (git pull && make setup), or name another registry."
    )


def require_writable(address: RegistryAddress) -> None:
    """Raise `RegistryDenied` or `RegistryUnreachable` when a model could not be registered."""
    import sqlalchemy

    if address.kind == "postgresql":
        asked = " AND ".join(f"has_table_privilege('{table}', '{right}')"
                             for table in ("registered_models", "model_versions", "runs")
                             for right in ("SELECT", "INSERT", "UPDATE"))
        with explained(address), connected(address) as connection:
            if not connection.execute(sqlalchemy.text(f"SELECT {asked}")).scalar():
                raise denied(address, "it may not write to MLflow's tables")
    elif address.kind == "sqlite" and not os.access(address.path, os.W_OK):
        raise RegistryUnreachable(
            f"registry {address}: this user may not write to {address.path}. Correct its owner "
            "or permissions."
        )


def upgrade(address: RegistryAddress) -> Schema | None:
    """Bring a registry's schema to the installed MLflow's, or make it; what it was before."""
    with explained(address), _alone(address, "schema", PATIENCE):
        before = schema_of(address)
        if before is not None and before.found in _known() - {before.wanted}:
            from mlflow.store.db.utils import _upgrade_db

            quiet()
            with _engine(address) as engine:
                _upgrade_db(engine)
        elif before is not None:
            require_current(address)
            _client(address)
        return before


def clock(address: RegistryAddress) -> dt.datetime | None:
    """What time a PostgreSQL server has; None elsewhere."""
    if address.kind != "postgresql":
        return None
    import sqlalchemy

    with explained(address), connected(address) as connection:
        now: dt.datetime = connection.execute(sqlalchemy.text("SELECT clock_timestamp()")).scalar()
        return now


@contextmanager
def _alone(address: RegistryAddress, name: str, patience: float) -> Iterator[None]:
    if address.kind == "sqlite":
        address.path.parent.mkdir(parents=True, exist_ok=True)
        with address.path.with_name(address.path.name + ".lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield
    elif address.kind == "postgresql":
        import sqlalchemy

        with connected(address) as connection:
            connection.execute(sqlalchemy.text(f"SET lock_timeout = {int(patience * 1000)}"))
            key = zlib.crc32(name.encode()) - (1 << 31)
            connection.execute(sqlalchemy.text(f"SELECT pg_advisory_lock({_CLASS}, {key})"))
            yield  # closing the connection gives the lock back
    else:
        yield


@contextmanager
def connected(address: RegistryAddress) -> Iterator[Any]:
    """A connection of its own to the database."""
    with _engine(address) as engine, engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def _engine(address: RegistryAddress) -> Iterator[Any]:
    import sqlalchemy

    options = {} if address.kind == "sqlite" else {
        "connect_timeout": _CONNECT_SECONDS, "application_name": "setlist"}
    made = sqlalchemy.create_engine(
        address.url, poolclass=sqlalchemy.NullPool, connect_args=options)
    try:
        yield made
    finally:
        made.dispose()


def _client(address: RegistryAddress) -> Any:
    """MLflow's client; making it makes the tables of an untouched database."""
    quiet()
    import mlflow

    client = mlflow.MlflowClient(address.url, address.url)
    client.search_registered_models(max_results=1)
    client.search_experiments(max_results=1)
    return client


def quiet() -> None:
    """Before MLflow is imported: nothing is sent home, and only warnings are said."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING"] = "false"
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


@functools.cache
def _scripts() -> Any:
    from alembic.script import ScriptDirectory
    from mlflow.store.db.utils import _get_alembic_config

    return ScriptDirectory.from_config(_get_alembic_config(""))


def _head() -> str:
    return str(_scripts().get_current_head())


def _known() -> set[str]:
    return {one.revision for one in _scripts().walk_revisions()}


def _mlflow() -> str:
    from importlib.metadata import version

    return f"MLflow {version('mlflow')}"
