"""Real servers on loopback that take messages: one for mail, one for webhooks."""

import contextlib
import datetime as dt
import email
import http.server
import ipaddress
import json
import socket
import ssl
import threading
import time
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "setlist", "known to the tests alone"


class Mailbox:
    """What a mail server took, in order."""

    def __init__(self):
        self.messages = []
        self.port = 0

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 taken"


def _authenticate(server, session, envelope, mechanism, given):
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=not right, message=None if right else "535 no")


@contextlib.contextmanager
def receiving_mail(certificate=None):
    """A mail server; with a certificate it wants STARTTLS and a login."""
    box = Mailbox()
    secured = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        secured = {"tls_context": context, "require_starttls": True, "auth_required": True,
                   "authenticator": _authenticate}  # fmt: skip
    box.port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=box.port, **secured)
    server.start()
    try:
        yield box
    finally:
        server.stop()


class Posts(http.server.ThreadingHTTPServer):
    """An HTTP server that keeps what is posted; ``answers`` overrides its 200, first to last."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Post)
        self.taken, self.answers = [], []

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}{path}"

    def bodies(self, path):
        return [body for where, _, body in self.taken if where == path]


class _Post(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), json.loads(content)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *about):
        """Say nothing on standard error."""


@contextlib.contextmanager
def receiving_posts():
    """An HTTP server on loopback."""
    with Posts() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def free_port():
    """A port of loopback that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(port, server):
    """Return when something listens on ``port``; fail when the process has ended instead."""
    for _ in range(400):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert server.poll() is None, f"{server.args[0]} ended while starting"
        time.sleep(0.05)
    raise TimeoutError(f"nothing listened on port {port} within 20 s")


def write_certificate(path):
    """A key and a certificate for 127.0.0.1 in one file, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
            .add_extension(x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256()))  # fmt: skip
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                          serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM))  # fmt: skip
    return path
