"""``setlist page`` of a deployment, served for real on a free port of this machine."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time

from deployments import ENVIRONMENT


class Page:
    """What the server answers; nothing of an address is put right before it is sent."""

    def __init__(self, port):
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, path, method="GET", host=None):
        """Status, headers and text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=host is not None)
            if host is not None:
                connection.putheader("Host", host)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def text(self, path):
        """The text of a page that is there."""
        status, _, text = self.ask(path)
        assert status == 200, (path, status, text)
        return text


@contextlib.contextmanager
def serving(place):
    """The page of a deployment, until the test is done with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "workflows.cli", "page", "--port", str(port)]
    log = place.folder / "page.log"
    with log.open("wb") as said, subprocess.Popen(
        command, cwd=place.folder, env=os.environ | ENVIRONMENT, stdout=said, stderr=said
    ) as server:
        try:
            wait_for(port, server, log)
            yield Page(port)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def wait_for(port, server, log):
    """Return when something listens on ``port``; fail when the server has ended instead."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.1)
    raise TimeoutError(f"no page within a minute: {log.read_text()}")


def setlist(place, *arguments):
    """A command of ``setlist`` in a deployment's folder; the finished process."""
    return place.python("-m", "workflows.cli", *arguments)
