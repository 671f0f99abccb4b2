"""A real LDAP server (npm: ldapjs), in a process of its own, and its people."""

from __future__ import annotations

import ipaddress
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.helpers.node import node
from tests.helpers.servers import ROOT, free_port, wait_until

BASE, READER, READS = "ou=people,dc=example", "cn=chat,dc=example", "reads"


class LdapDirectory:
    """The server on 127.0.0.1, with TLS unless `plain`. `with` starts it, and stops it."""

    def __init__(self, folder: Path, people: list[dict[str, Any]], *, plain: bool = False):
        self.port = free_port()
        self._arguments = [str(self.port), json.dumps(people)]
        self._log = folder / f"directory-{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        scheme, self.certificate = "ldap", folder / f"directory-{self.port}.pem"
        if not plain:
            scheme = "ldaps"
            self._arguments += map(str, certificate_for_loopback(self.certificate))
        self.url = f"{scheme}://127.0.0.1:{self.port}"

    def variables(self, **other: str) -> dict[str, str]:
        """Return the configuration of a chat that signs in by this directory."""
        usual = {"URL": self.url, "BASE": BASE, "BIND_DN": READER, "BIND_PASSWORD": READS}
        if self.url.startswith("ldaps"):
            usual["CA_FILE"] = str(self.certificate)
        return {f"LDAP_{name}": value for name, value in (usual | other).items()}

    def __enter__(self) -> LdapDirectory:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [node(), "tests/helpers/ldap_directory.mjs", *self._arguments],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: b"listening" in self._log.read_bytes(), "the directory listens", 30)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.terminate()
        self._process.wait(20)


def certificate_for_loopback(path: Path) -> tuple[Path, Path]:
    """Write a certificate of 127.0.0.1, its own authority. Return its path, and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a directory of the tests")])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path = path.with_suffix(".key")
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path, key_path
