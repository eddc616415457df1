"""A real central scheduler of Luigi, for tests."""

import contextlib
import socket
import subprocess
import sys
import time

_LUIGID = "import sys; from luigi.cmdline import luigid; luigid(sys.argv[1:])"


def free_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def serving_luigid(folder, port, **options):
    """``luigid`` with its default settings, started in a folder; ended with the context."""
    command = [sys.executable, "-c", _LUIGID, "--address", "127.0.0.1", "--port", str(port)]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with (folder / "log").open("ab") as log, subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=log
    ) as server:
        try:
            _wait_for(port, server)
            yield server
        finally:
            server.kill()


def _wait_for(port, server):
    """Return when something listens on ``port``; fail when the server has ended instead."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert server.poll() is None, "luigid ended while starting; see its log"
        time.sleep(0.05)
    raise TimeoutError(f"luigid did not listen on port {port} within 10 s")
