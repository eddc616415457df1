"""What several test files share: a real central scheduler, a Cloud Storage of our own."""

import functools
import logging
import os
import re

import pytest
from fake_gcs.client import serving
from luigi import configuration
from luigi.task_register import Register
from luigid_server import free_port, serving_luigid
from postgres_server import serving_postgres
from xdist.scheduler import LoadScopeScheduling

from tasks.engine import reach, runs, workshop

# LightGBM deadlocks in a process forked from one in which it used several threads; and two
# test processes share two cores.
os.environ["OMP_NUM_THREADS"] = "1"


def pytest_terminal_summary(terminalreporter):
    """Print the figures that tests recorded, whichever process ran them."""
    for report in terminalreporter.stats.get("passed", []):
        for name, text in report.user_properties:
            if name == "figures" and report.when == "call":
                terminalreporter.write_line(text)


class Together(LoadScopeScheduling):
    """What shares a fixture that takes minutes runs in one process: a file, or the whole night."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return "night" if _takes_the_night(self.config.rootpath / file) else file


def pytest_xdist_make_scheduler(config, log):
    """Our own way to share the tests, instead of ``--dist loadfile``."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@functools.cache
def _takes_the_night(file):
    asks = r"(?m)^(?:@pytest.fixture.*\ndef \w+|def test_\w+)\((?:\w+, )*night[,)]"
    return "workflows" in file.parts and bool(re.search(asks, file.read_text(encoding="utf-8")))


def pytest_collection_modifyitems(items):
    """What takes long comes first, so that both processes end at about the same time."""
    items.sort(key=lambda one: (not _takes_the_night(one.path), "workflows" not in one.path.parts))


@pytest.fixture(scope="session")
def luigid(tmp_path_factory):
    """The port of a real `luigid` with its default settings, ended with the session."""
    folder, port = tmp_path_factory.mktemp("luigid"), free_port()
    with serving_luigid(folder, port, **{"state-path": folder / "state"}):
        yield port


@pytest.fixture(scope="session")
def any_gcs():
    """Cloud Storage: our own server, or the one that ``STORAGE_EMULATOR_HOST`` names."""
    with serving() as gcs:
        yield gcs


@pytest.fixture
def gcs(any_gcs):
    """Our own server, which breaks on request and counts requests; without faults at first."""
    if not any_gcs.is_ours:
        pytest.skip("only our own server can be broken and counted")
    any_gcs.control(faults=[], reset=True)
    return any_gcs


@pytest.fixture(scope="session")
def postgres():
    """A real PostgreSQL server of this session's own."""
    with serving_postgres() as server:
        yield server


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in, with an empty store in it; as a fresh process would find it."""
    monkeypatch.chdir(tmp_path)
    config = configuration.get_config()
    before = dict(config.items("engine")) if config.has_section("engine") else {}
    for option, value in {"root": "store", "first_party": "", "preload": "",
                          "isolated_preload": ""}.items():
        config.set("engine", option, value)
    # Processes that a test starts read the same settings.
    (tmp_path / "luigi.cfg").write_text("[engine]\nroot = store\n")
    Register.clear_instance_cache()
    reach.reader.cache_clear()
    workshop._workshops.clear()
    runs.begin()
    levels = {name: logging.getLogger(name).level for name in ("luigi", "luigi-interface")}
    yield tmp_path
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    config.remove_section("engine")
    for option, value in before.items():
        config.set("engine", option, value)
    Register.clear_instance_cache()
