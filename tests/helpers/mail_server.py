"""A mail server on this machine, which keeps what it takes; with STARTTLS or a password, or not."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.helpers.servers import free_port, wait_until

USER, PASSWORD = "chat@example.org", "p@ss/word?"  # what a URL has to write as %40, %2F, %3F


@dataclass(frozen=True)
class Received:
    """A mail that the server took."""

    to: str
    content: bytes
    was_encrypted: bool

    @property
    def mail(self) -> EmailMessage:
        found = message_from_bytes(self.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.mail.get_body((kind,))
        assert part
        return str(part.get_content())


class MailServer:
    """The server. `with` starts and stops it.

    `refuse` has an answer for each recipient, `refuse_content` for what is sent to them.
    """

    def __init__(self, folder: Path | None = None, *, with_password: bool = False, port: int = 0):
        """`folder`: where its certificate is made; without one it offers no STARTTLS."""
        self.port = port or free_port()
        self.received: list[Received] = []
        self.refuse: Callable[[str], str] = lambda to: ""
        self.refuse_content: Callable[[str], str] = lambda to: ""
        self._with_password = with_password
        self.certificate = _certificate(folder) if folder else None

    @property
    def url(self) -> str:
        user = f"{USER.replace('@', '%40')}:p%40ss%2Fword%3F@" if self._with_password else ""
        tls = "&tls=on" if self.certificate else ""
        return f"smtp://{user}127.0.0.1:{self.port}?from=chat@example.org{tls}"

    def __enter__(self) -> Self:
        options: dict[str, Any] = {}
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            options |= {"tls_context": context, "require_starttls": True}
        if self._with_password:
            options |= {"authenticator": _authenticate, "auth_required": True}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802  the name that aiosmtpd calls
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.refuse(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  likewise
        self, server: SMTP, session: Any, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        for to in envelope.rcpt_tos:
            if refusal := self.refuse_content(to):
                return refusal
            self.received.append(Received(to, envelope.content, session.ssl is not None))
        return "250 taken"

    def to(self, address: str) -> list[Received]:
        return [each for each in self.received if each.to == address]

    def next_to(self, address: str, count: int = 1) -> Received:
        """Wait for the mail with this number to an address, and return it."""
        wait_until(lambda: len(self.to(address)) >= count, f"mail {count} to {address}")
        return self.to(address)[count - 1]


def _authenticate(
    server: SMTP, session: Any, envelope: Envelope, mechanism: str, login: Any
) -> AuthResult:
    is_right = isinstance(login, LoginPassword) and login == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=is_right, handled=False)


def _certificate(folder: Path) -> Path:
    """Return a file with a key and a certificate of 127.0.0.1, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    begins = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail-server.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    return path
