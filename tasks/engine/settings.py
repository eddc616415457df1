"""What differs between machines, read from Luigi's own configuration, section ``[engine]``."""

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


def read_settings() -> Settings:
    """Read ``[engine]`` of ``luigi.cfg`` (or of the file that ``LUIGI_CONFIG_PATH`` names)."""
    config = configuration.get_config()
    return Settings(
        root=Path(os.path.abspath(config.get("engine", "root", "var/artifacts"))),
        first_party=_words(config.get("engine", "first_party", "")),
        lease_seconds=config.getfloat("engine", "lease_seconds", 60.0),
        isolated_timeout_seconds=config.getfloat("engine", "isolated_timeout_seconds", 6 * 3600.0),
        preload=_words(config.get("engine", "preload", "")),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


