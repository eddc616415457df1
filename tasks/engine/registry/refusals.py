"""What a registry database's errors mean, and what to do about each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tasks.engine.errors import (
    RegistryAbsent,
    RegistryBusy,
    RegistryDenied,
    RegistryDriverMissing,
    RegistryError,
    RegistryRefused,
    RegistryUnreachable,
)
from tasks.engine.registry.address import RegistryAddress

_KEPT = "What was built is kept; run again then."
_SECRET = ("the password belongs into ~/.pgpass (HOST:PORT:DATABASE:USER:PASSWORD, mode 0600), "
           "the environment variable PGPASSWORD, or the address")


@contextmanager
def explained(address: RegistryAddress) -> Iterator[None]:
    """Turn whatever the database says into a `RegistryError` that says what to do."""
    try:
        yield
    except RegistryError:
        raise
    except Exception as error:
        cause = _cause_of(error)
        if cause is None:
            raise
        raise refusal(cause, address) from error


def refusal(cause: BaseException, address: RegistryAddress) -> RegistryError:
    """The error that says why a registry cannot be used, and what to do."""
    where, found = f"registry {address}", _sentence(cause)
    if isinstance(cause, ImportError) or type(cause).__name__ == "NoSuchModuleError":
        return RegistryDriverMissing(
            f"{where}: its driver is not installed ({found}). Write postgresql://..., whose "
            "driver comes with this package (make setup installs it), or install that one."
        )
    if address.kind == "sqlite":
        return RegistryUnreachable(
            f"{where}: the file cannot be used ({found}). Check its permissions and the free "
            "space; a damaged file can be moved away and made again: "
            "setlist doctor --restore-registry"
        )
    return _of_a_server(where, found, str(getattr(cause, "sqlstate", "") or ""), address)


def denied(address: RegistryAddress, found: str) -> RegistryDenied:
    """The error of a user who is let in, and lacks a permission."""
    return RegistryDenied(
        f"registry {address}: {address.user} may not do this ({found}). It should own the database "
        f"and its tables: ALTER DATABASE {address.database} OWNER TO {address.user}; and for what "
        f"another user made: REASSIGN OWNED BY THAT_USER TO {address.user};"
    )


def _of_a_server(where: str, found: str, state: str, address: RegistryAddress) -> RegistryError:
    """A server's refusal; before a connection is made, the driver gives its text alone."""
    said = found.lower()
    if state == "3D000" or re.search(r'database "[^"]*" does not exist', said):
        return RegistryAbsent(
            f"{where}: there is no database {address.database!r} ({found}). Make it: createdb "
            f"--owner {address.user} {address.database}. If it was lost, restore its backup, or "
            "make an empty one and run: setlist doctor --restore-registry"
        )
    if "password authentication failed" in said or "no password supplied" in said:
        return RegistryRefused(
            f"{where}: the password of {address.user} is wrong or lacking ({found}); {_SECRET}."
        )
    if re.search(r'role "[^"]*" does not exist', said):
        return RegistryRefused(
            f"{where}: the server knows no user {address.user} ({found}). Make it: createuser "
            f"--pwprompt {address.user}, or correct [setlist] registry."
        )
    if "pg_hba.conf" in said:
        return RegistryRefused(
            f"{where}: the server does not let {address.user} in from this machine ({found}). "
            "Add a line for it to the server's pg_hba.conf, and reload the server."
        )
    if state == "42501" or "permission denied" in said:
        return denied(address, found)
    if state == "55P03":
        return RegistryBusy(
            f"{where}: another process has held the registry for too long ({found}). Find it: "
            "SELECT pid, application_name, client_addr FROM pg_stat_activity WHERE "
            f"application_name = 'setlist'; end it with pg_terminate_backend(pid). {_KEPT}"
        )
    if state.startswith("53") or re.search("too many c|connection slots", said):
        return RegistryBusy(
            f"{where}: the server is full ({found}). Run fewer workers, or raise its "
            f"max_connections or disk. {_KEPT}"
        )
    return RegistryUnreachable(
        f"{where}: the server did not answer as it should ({found}). Check that it runs and that "
        f"host and port of [setlist] registry are right. {_KEPT}"
    )


def _cause_of(error: BaseException | None) -> BaseException | None:
    """The driver's own error inside what SQLAlchemy and MLflow made of it."""
    import sqlalchemy.exc

    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        if isinstance(error, sqlalchemy.exc.DBAPIError):
            return error.orig or error
        if isinstance(error, (ModuleNotFoundError, sqlalchemy.exc.NoSuchModuleError)):
            return error
        error = error.__cause__ or error.__context__
    return None


def _sentence(cause: Any) -> str:
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(cause).__name__
