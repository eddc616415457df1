"""What can go wrong in the engine, one class per cause.

::

    EngineError
    ├── RecipeError            a recipe whose identity cannot be known
    │   ├── HiddenCode         reached code that static reading cannot follow
    │   └── CodeChanged        source edited after this process loaded it
    ├── UndeclaredRead         a recipe read a file that is not among its inputs
    ├── UnsupportedPayload     a recipe returned something with no open format
    ├── CorruptPayload         bytes in the store are not the bytes that were committed
    ├── SourceError
    │   ├── SourceMissing      someone else's file is not there
    │   └── SourceChanged      someone else's file changed while it was being read
    ├── InputChanged           an input was rebuilt by another run in the meantime
    ├── IsolatedFailure        a recipe's own process died or ran out of time
    ├── SchedulerUnreachable   no luigid answers where the settings say that one is
    ├── Stopped                somebody asked for it on the scheduler's page
    ├── RegistryError          the model registry cannot be used; each says what to do
    │   ├── RegistryMisnamed       the setting is no address of a registry
    │   ├── RegistryDriverMissing  the database's driver is not installed
    │   ├── RegistryUnreachable    no server, no answer, or a file that cannot be used
    │   ├── RegistryRefused        a wrong password, an unknown user or machine
    │   ├── RegistryAbsent         the server has no such database
    │   ├── RegistryDenied         a permission is lacking
    │   ├── RegistryOutdated       the schema is of an older MLflow
    │   ├── RegistryTooNew         the schema is of a newer MLflow
    │   └── RegistryBusy           held by another process for too long, or full
    └── StoreError             the store cannot be used; each says what to do
        ├── NotWritable            the folder of artifacts, or of copies, is read-only
        ├── CredentialsRefused     no credentials, or expired ones
        ├── AccessDenied           a permission is lacking
        ├── BucketMissing          there is no such bucket
        ├── WrongLocation          the bucket is in another region than it should be
        ├── QuotaExceeded          a quota or a rate limit is used up
        └── StoreUnreachable       no answer, or only failures, until the deadline
"""

from errno import EACCES, EPERM, EROFS
from pathlib import Path


class EngineError(Exception):
    """Base of everything the engine raises on purpose."""


class RecipeError(EngineError):
    """A recipe, or a value bound into it, has no identity the engine can compute."""


class HiddenCode(RecipeError):
    """Reached code picks what it calls by a computed name, so no key could cover it."""

    def __init__(self, where: str, what: str):
        super().__init__(
            f"{where}: {what} hides which code runs, so a change to it would go unnoticed. "
            "Name the function instead, for instance through a dict of functions."
        )
        self.where = where


class CodeChanged(RecipeError):
    """A source file no longer says what this process loaded from it."""

    def __init__(self, path: str, name: str):
        super().__init__(
            f"{name} is not what {path} says: the file was edited after this process loaded it, "
            "or other code assigned another value. Nothing was built from it; run again to use "
            "the file as it is, and change a constant where it is defined."
        )


class UndeclaredRead(EngineError):
    """A recipe opened a file that is neither an input nor something it wrote."""

    def __init__(self, path: str):
        super().__init__(
            f"the recipe read {path}, which is not among its inputs, so a change to that file "
            "would go unnoticed. Make it a SourceTask and name it in requires()."
        )
        self.path = path


class UnsupportedPayload(EngineError):
    """A recipe returned a value that has no open format here."""


class CorruptPayload(EngineError):
    """A payload's bytes differ from what its manifest promises."""

    def __init__(self, where: str, expected: str, found: str):
        super().__init__(f"{where}: expected {expected}, found {found}")


class SourceError(EngineError):
    """Base of what can be wrong with someone else's file."""


class SourceMissing(SourceError):
    """A source that a task needs is not there."""


class SourceChanged(SourceError):
    """A source changed between being pinned and being read."""

    def __init__(self, path: str):
        super().__init__(
            f"{path} changed while it was being read. Nothing was kept; run again when it is whole."
        )


class InputChanged(EngineError):
    """An input's content is no longer what this task's key was computed from."""

    def __init__(self, name: str):
        super().__init__(
            f"input {name} was rebuilt with other content by another run meanwhile; run again."
        )


class IsolatedFailure(EngineError):
    """The process a recipe ran in ended without a result."""


class SchedulerUnreachable(EngineError):
    """The central scheduler does not answer, or turns us away."""

    def __init__(self, url: str, cause: str):
        super().__init__(
            f"no scheduler answers at {url} ({cause}). What was built is kept, and nothing more "
            "was begun. Start luigid there, or name another with --scheduler-url, and run the "
            "same command again."
        )
        self.url = url


class Stopped(EngineError):
    """A message from the scheduler's page asked a running task to stop; nothing of it is kept."""


class StoreError(EngineError):
    """Where artifacts live cannot be used."""


class NotWritable(StoreError):
    """The folder of the store cannot be written."""


def unwritable(error: BaseException, root: Path) -> NotWritable | None:
    """The error in words, if it says that ``root`` cannot be written."""
    if not isinstance(error, OSError) or error.errno not in (EACCES, EPERM, EROFS):
        return None
    if not Path(str(error.filename)).is_relative_to(root):
        return None
    return NotWritable(
        f"{error.filename}: {error.strerror}. Everything below {root} ([engine] root) must be "
        "writable by whoever runs tasks: mount it for writing, or give its files to this user"
    )


class CredentialsRefused(StoreError):
    """The client found no credentials, or the store does not accept them any more."""


class AccessDenied(StoreError):
    """The credentials are good, and not allowed to do this."""


class BucketMissing(StoreError):
    """There is no bucket of this name."""


class WrongLocation(StoreError):
    """The bucket is in another region than the settings or a policy say."""


class QuotaExceeded(StoreError):
    """A quota of the project or a rate limit of the store is used up."""


class StoreUnreachable(StoreError):
    """The store did not answer, or kept failing, until the deadline."""


class RegistryError(EngineError):
    """The model registry cannot be used."""


class RegistryMisnamed(RegistryError):
    """The setting is no address of a registry."""


class RegistryDriverMissing(RegistryError):
    """The driver that an address asks for is not installed."""


class RegistryUnreachable(RegistryError):
    """No server listens there, it did not answer, or a registry's file cannot be used."""


class RegistryRefused(RegistryError):
    """The server does not let this user in: password, name or machine."""


class RegistryAbsent(RegistryError):
    """The server has no database of this name."""


class RegistryDenied(RegistryError):
    """The user is let in, and not allowed to do this."""


class RegistryOutdated(RegistryError):
    """The database's schema is older than the installed MLflow's."""


class RegistryTooNew(RegistryError):
    """The database's schema is newer than the installed MLflow's."""


class RegistryBusy(RegistryError):
    """Another process has held the registry for too long, or the server is full."""
