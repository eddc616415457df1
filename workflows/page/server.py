"""Serving the page with Gunicorn: one process, a few threads, restarted if it dies."""

from typing import Any

from gunicorn.app.base import BaseApplication

from tasks.engine.workshop import workshop
from workflows.page.settings import PageSettings

_THREADS = 4


class PageServer(BaseApplication):
    """Gunicorn, configured here instead of by a file or its own command line."""

    def __init__(self, settings: PageSettings):
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings."""
        where = self.settings.address
        host = f"[{where}]" if ":" in where else where
        for name, value in {
            "bind": f"{host}:{self.settings.port}", "workers": 1, "threads": _THREADS,
            "worker_class": "gthread", "timeout": 60, "graceful_timeout": 2,
            "proc_name": "setlist page", "control_socket_disable": True,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in the process that answers."""
        from workflows.page.app import create_app

        return create_app(workshop(), self.settings)
