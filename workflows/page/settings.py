"""Settings of the page, section ``[page]`` of ``luigi.cfg`` (``docs/configuration.md``)."""

from dataclasses import dataclass

from luigi import configuration

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class PageSettings:
    """Where the page is served, to whom, and how much it shows."""

    address: str
    port: int
    nights: int
    runbook: str
    hosts: tuple[str, ...]
    """Host names it answers to; empty for every name."""


def read_page_settings(address: str | None = None, port: int | None = None) -> PageSettings:
    """Read ``[page]``; an address and a port of the command line come before it."""
    config = configuration.get_config()
    where = address or config.get("page", "address", "127.0.0.1")
    more = tuple(config.get("page", "hosts", "").replace(",", " ").split())
    is_loopback = where in ("127.0.0.1", "localhost", "::1")
    return PageSettings(
        address=where,
        port=port if port is not None else config.getint("page", "port", 8083),
        nights=config.getint("page", "nights", 35),
        runbook=config.get("page", "runbook", "deploy/RUNBOOK.md"),
        hosts=(*_LOOPBACK, *more) if is_loopback or more else (),
    )
