"""A push service on this machine, and browsers that subscribe at it.

It opens each message with its browser's keys as RFC 8291 says, and checks who signed it (RFC 8292),
with nothing of the chat's own code.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import ssl
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from tests.helpers.servers import wait_until
from tests.helpers.world import Person

RAW = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
NETWORK = "127.0.0.0/8"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Received:
    """A message that reached a browser: what it says, and the headers of its request."""

    says: dict[str, Any]
    headers: dict[str, str]
    bytes: int
    at: float


@dataclass
class Browser:
    """A browser that subscribed for the chat's key."""

    service: PushService
    name: str
    application_key: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    received: list[Received] = field(default_factory=list)
    id: str = ""  # of its subscription

    @property
    def endpoint(self) -> str:
        return f"{self.service.url}/push/{self.name}"

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(*RAW)

    @property
    def subscription(self) -> dict[str, Any]:
        """Return what `PushSubscription.toJSON()` returns."""
        keys = {"p256dh": base64url(self.point), "auth": base64url(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def opened(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender = body[21 : 21 + length]
        sealed = body[21 + length :]
        assert len(body) <= 4096 and len(sealed) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), theirs)
        ikm = hkdf(self.auth, shared, b"WebPush: info\0" + self.point + sender, 32)
        key = hkdf(salt, ikm, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, ikm, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain.endswith(b"\x02"), "the last record"
        return plain[:-1]

    def wait(self, count: int = 1, seconds: float = 15) -> list[Received]:
        """Return all messages once there are so many."""
        wait_until(lambda: len(self.received) >= count, f"{count} messages reach it", seconds)
        return self.received


class PushService:
    """`with` starts it. `answers`: by browser, what it answers to the next messages."""

    def __init__(self, folder: Path):
        self.certificate = folder / "push-service.pem"
        key = write_certificate(self.certificate, folder / "push-service.key")
        self.browsers: dict[str, Browser] = {}
        self.answers: defaultdict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
        self.held: dict[str, threading.Event] = {}  # by browser: it answers once this is set
        self.problems: list[str] = []
        self.requests = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables of a chat that may reach it."""
        return {"PUSH_NETWORKS": NETWORK, "SSL_CERT_FILE": str(self.certificate)}

    def __enter__(self) -> PushService:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        assert self.problems == []

    def browser(self, application_key: str) -> Browser:
        """Return a new browser that subscribes for this key."""
        name = os.urandom(8).hex()
        self.browsers[name] = Browser(self, name, application_key)
        return self.browsers[name]

    def take(self, name: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Take a message; return the status and the headers of the answer."""
        self.requests += 1
        browser = self.browsers[name]
        status, more = self.answers[name].pop(0) if self.answers[name] else (201, {})
        check_headers(self, browser, headers)
        if status == 201:
            says = json.loads(browser.opened(body))
            browser.received.append(Received(says, headers, len(body), time.monotonic()))
        if holds := self.held.get(name):
            holds.wait(30)
        return status, more


def check_headers(service: PushService, browser: Browser, headers: dict[str, str]) -> None:
    """Check what a push service checks before it looks at anything else."""
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) > 0
    assert headers["urgency"] in {"very-low", "low", "normal", "high"}
    assert len(headers["topic"]) <= 32
    assert set(headers["topic"]) <= set(base64url(bytes(range(256))) + "-_")
    scheme, _, given = headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in given.split(","))
    assert scheme == "vapid"
    assert parts["k"] == browser.application_key, "the key for which it subscribed"
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(parts["k"]))
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=service.url)
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert claims["sub"].startswith(("mailto:", "https:"))


def handler_of(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            try:
                status, more = service.take(
                    self.path.rpartition("/")[2].partition("?")[0], headers, body
                )
            except Exception as problem:  # noqa: BLE001  whatever it is, the test says it
                service.problems.append(f"{type(problem).__name__}: {problem}")
                status, more = 400, {}
            with suppress(OSError):  # who asked may have been killed meanwhile
                self.send_response(status)
                for name, value in {"Content-Length": "0", **more}.items():
                    self.send_header(name, value)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """Return RFC 5869's first block, which is enough here."""
    return mac(mac(salt, secret), info + b"\x01")[:length]


def mac(key: bytes, data: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(data)
    return made.finalize()


def write_certificate(certificate: Path, key_file: Path) -> Path:
    """Write a certificate of this machine that signs itself; return the file of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push service")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return key_file


def subscribed(person: Person, service: PushService) -> Browser:
    """Return a browser of a person that is subscribed."""
    browser = service.browser(person.get("/push/key").json()["key"])
    answer = person.post("/me/push-subscriptions", browser.subscription)
    assert answer.status_code == 201, answer.text
    browser.id = answer.json()["id"]
    return browser
