"""The server: ``python -m fake_gcs`` prints its address and serves until it is ended.

Beside the API it answers ``POST /_control`` with JSON: ``{"faults": [...], "seed": 1}`` sets the
faults, ``{"reset": true}`` the counts, ``{"clear": true}`` everything; the answer says how often
each kind of request came, how often each fault hit, and what happened to manifests.
"""

import argparse
import contextlib
import json
import socket
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from fake_gcs.faults import Faults
from fake_gcs.objects import Objects, Refusal
from fake_gcs.routes import Answer, answer, name_of


class State:
    """All that the server knows."""

    def __init__(self):
        self.objects, self.faults = Objects(), Faults()
        self.counts = Counter()
        self.lock = threading.Lock()

    def control(self, asked):
        if asked.get("clear"):
            self.objects, self.faults = Objects(), Faults()
        if asked.get("reset") or asked.get("clear"):
            self.counts = Counter()
        if "faults" in asked:
            self.faults.set(asked["faults"], asked.get("seed", 0))
        return {"counts": self.counts, "hits": self.faults.hits, "history": self.objects.history}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    state = State()
    address = ""

    def handle_one_request(self):
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()
            return
        self.close_connection = True

    def serve(self):
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        body = self._body()
        if url.path == "/_control":
            return self._send(Answer(self.state.control(json.loads(body))))
        with self.state.lock:
            self.state.counts[name_of(self.command, url.path, query)] += 1
        rule = self.state.faults.draw(f"{self.command} {self.path}") or {"kind": ""}
        before = getattr(self, f"_{rule['kind']}", None)
        if before is not None and before(rule):
            return None
        found = self._answer(url.path, query, body)
        if rule["kind"] == "duplicate":
            found = self._answer(url.path, query, body)
        if rule["kind"] == "drop":
            return self._hang_up()
        return self._send(found, rule["kind"])

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = serve  # noqa: N815

    def _answer(self, path, query, body):
        try:
            return answer(self.state.objects, self.command, path, query, self.headers, body,
                          self.address)
        except Refusal as refusal:
            return Answer(refusal.body(), refusal.status)

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionError("the client was killed in the middle of its request")
        return body

    def _chunks(self):
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _status(self, rule):
        code = rule.get("code", 503)
        refusal = Refusal(code, rule.get("reason", "backendError"), rule.get("message", "injected"))
        self._send(Answer(refusal.body(), code))
        return True

    def _reset(self, rule):
        self._hang_up()
        return True

    def _slow(self, rule):
        time.sleep(rule.get("seconds", 0.2))
        return False

    def _hang_up(self):
        """Close so that the client sees a reset, not an end."""
        linger_zero = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _send(self, found, fault=""):
        content = found.content
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        if found.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if fault == "flip" and content:
            content = bytes([content[0] ^ 1]) + content[1:]
        self.wfile.write(content[: len(content) // 2] if fault == "truncate" else content)
        self.wfile.flush()
        if fault == "truncate":
            self._hang_up()

    def log_message(self, *what):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    server = Server(("127.0.0.1", options.parse_args().port), Handler)
    Handler.address = f"http://127.0.0.1:{server.server_port}"
    sys.stdout.write(f"{Handler.address}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
