"""Registries of one's own on the session's PostgreSQL server."""

import pytest

from tasks.engine import registry
from tasks.engine.registry import RegistryAddress


@pytest.fixture(scope="session")
def ready(postgres):
    """A database with MLflow's tables, to be copied."""
    name = postgres.database()
    registry.upgrade(RegistryAddress.parsed(postgres.url(name)))
    postgres.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    return name


@pytest.fixture
def url(postgres, ready, monkeypatch):
    """The address of a registry of one's own, with its tables."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID"):
        # MLflow writes them; what was set before comes back.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return postgres.url(postgres.database(template=ready))
