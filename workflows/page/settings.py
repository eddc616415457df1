"""Settings of the page, section ``[page]`` of ``luigi.cfg`` (``docs/configuration.md``)."""

import dataclasses

from tasks.engine.configured import Section, setting

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class PageSettings(Section, section="page"):
    """Where the page is served, to whom, and how much it shows."""

    address: str = setting(
        "127.0.0.1", "where `setlist page` listens; this machine alone. It has no passwords")
    port: int = setting(8083, "and the port; `--address` and `--port` come before both")
    nights: int = setting(35, "how many nights it shows")
    runbook: str = setting("deploy/RUNBOOK.md", "the runbook it shows, a Markdown file")
    hosts: tuple[str, ...] = setting(
        (), "host names it answers to besides `localhost`, when a server stands in front of it")

    @property
    def answers_to(self) -> tuple[str, ...]:
        """Host names it answers to; empty for every name."""
        is_loopback = self.address in ("127.0.0.1", "localhost", "::1")
        return (*_LOOPBACK, *self.hosts) if is_loopback or self.hosts else ()


def read_page_settings(address: str | None = None, port: int | None = None) -> PageSettings:
    """Read ``[page]``; an address and a port of the command line come before it."""
    said = PageSettings.read()
    return dataclasses.replace(
        said, address=address or said.address, port=said.port if port is None else port
    )
