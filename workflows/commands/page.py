"""``setlist page``: serve the pages about nights until it is interrupted."""

import argparse
import socket

from tasks.engine.errors import EngineError
from workflows.page.server import PageServer
from workflows.page.settings import PageSettings, read_page_settings
from workflows.printing import say, say_json


class PortTaken(EngineError):
    """Something else listens where the page should be served."""


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Serve until interrupted; the address is printed first."""
    del parameters
    settings = read_page_settings(options.address, options.port)
    _require_free(settings)
    address = f"http://{settings.address}:{settings.port}/"
    if options.json:
        say_json({"address": address})
    else:
        say(f"{address} (read only; stop it with Ctrl-C)")
    PageServer(settings).run()
    return 0


def _require_free(settings: PageSettings) -> None:
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.address, settings.port))
        except OSError as error:
            raise PortTaken(
                f"the page cannot be served on {settings.address}:{settings.port}: {error}. "
                "Another setlist page may be running; else give it another --port."
            ) from error
