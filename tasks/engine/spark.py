"""Recipes on Spark, as those who ask see it: a process that holds the session, and its jobs.

A session must not be used in a fork of the process that made it, and Luigi forks. So a process
of its own, the driver (`spark_driver`), is started before Luigi forks, as the nursery is, and
asked over the same kind of socket. It ends with the last of those who may ask it.
"""

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from luigi import configuration

from tasks.engine.elsewhere import Order
from tasks.engine.spark_settings import SparkSettings, options
from tasks.nursery import Child, Nursery

#: Sections of ``luigi.cfg`` that no recipe reads; they may name people and servers.
_KEPT_HERE = ("notify",)

#: How long a job that was cancelled may take to end before nobody waits for it any more.
_PATIENCE = 60.0

_drivers: dict[str, "Driver"] = {}


class Job(Child):
    """A job of the driver's, in place of a process."""

    called = "the Spark job"
    endings = {
        None: "was lost: Spark's driver is gone",
        1: "failed",
        -signal.SIGTERM: "was cancelled",
    }  # fmt: skip

    def end(self) -> None:
        """Cancel the job, unless it has ended."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(_PATIENCE)


class Driver(Nursery):
    """The process that holds the session. Start it before forking, and every fork shares it."""

    program = (str(Path(__file__).with_name("spark_driver.py")),)
    child_type = Job

    def errors(self) -> Any:
        """A file without a name, which the driver can read what Spark said in."""
        return tempfile.TemporaryFile()


def warm(environment: dict[str, str]) -> Driver:
    """The driver for the present settings; its session begins while others go on."""
    chosen = json.dumps(options(SparkSettings.read()))
    if chosen not in _drivers:
        _drivers[chosen] = Driver((chosen,), environment)
    return _drivers[chosen]


def forget() -> None:
    """A driver is gone: the next question starts another."""
    _drivers.clear()


def job(order: Order, environment: dict[str, str]) -> Child:
    """Have a recipe run on Spark. Raises ``OSError`` when the driver is gone."""
    return warm(environment).ask([dataclasses.asdict(order), _configuration(), os.getcwd()])


def _configuration() -> dict[str, dict[str, str]]:
    """The settings as they are written, so that what the environment keeps is not sent."""
    config = configuration.get_config()
    return {section: dict(config.items(section, raw=True)) for section in config.sections()
            if section not in _KEPT_HERE}  # fmt: skip
