"""A device that makes and uses passkeys: what a browser and its authenticator answer together."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from fido2 import cbor
from fido2.cose import ES256, RS256

from tests.helpers.servers import Server
from tests.helpers.world import PASSWORD, Person

USED, UNLOCKED, HAS_KEY = 0x01, 0x04, 0x40  # flags: UP, UV, AT
Json = dict[str, Any]
UNKNOWN = "This passkey is not known here. Sign in with your password."


class Passkey:
    """A passkey on a device. `count`: how often it was used; None: the device does not count."""

    def __init__(self, options: Json, *, is_rsa: bool = False, id_bytes: int = 16):
        self.id = secrets.token_bytes(id_bytes)
        self.handle = decoded(options["user"]["id"])
        self.count: int | None = 0
        self._key = rsa.generate_private_key(65537, 2048) if is_rsa else None
        self._curve_key = ec.generate_private_key(ec.SECP256R1())

    def answer(self, challenge: str, origin: str, rp_id: str, flags: int = USED | UNLOCKED) -> Json:
        """Return what `toJSON()` of a used credential returns."""
        if self.count is not None:
            self.count += 1
        client_data = client_data_of("webauthn.get", challenge, origin)
        data = self._data(rp_id, flags)
        signed = self._sign(data + hashlib.sha256(client_data).digest())
        return self._credential(
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(signed),
            userHandle=encoded(self.handle),
        )

    def introduction(
        self, challenge: str, origin: str, rp_id: str, flags: int = USED | UNLOCKED
    ) -> Json:
        """Return what `toJSON()` of a new credential returns."""
        public = self._key or self._curve_key
        kind: Any = RS256 if self._key else ES256
        key = cbor.encode(kind.from_cryptography_key(public.public_key()))
        made = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        data = self._data(rp_id, flags | HAS_KEY) + made
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            clientDataJSON=encoded(client_data_of("webauthn.create", challenge, origin)),
            attestationObject=encoded(attestation),
            authenticatorData=encoded(data),
            transports=["internal", "hybrid"],
            publicKey=None,
            publicKeyAlgorithm=kind.ALGORITHM,
        )

    def _data(self, rp_id: str, flags: int) -> bytes:
        count = (self.count or 0).to_bytes(4, "big")
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count

    def _sign(self, data: bytes) -> bytes:
        if self._key:
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._curve_key.sign(data, ec.ECDSA(hashes.SHA256()))

    def _credential(self, **response: Any) -> Json:
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def client_data_of(kind: str, challenge: str, origin: str) -> bytes:
    said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(said).encode()


def origin_of(server: Server) -> str:
    return f"http://localhost:{server.port}"


def begun(person: Person, otp: str = "") -> Json:
    """Return what the chat gives to somebody who wants to add a passkey."""
    answer = person.post("/me/passkeys/options", {"password": PASSWORD, "otp": otp})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def introduced(person: Person, begun: Json, passkey: Passkey, **more: Any) -> requests.Response:
    """Send a passkey that was made. `more`: other than a browser of the person says."""
    options = begun["public_key"]
    said = {"origin": origin_of(person.server), "rp_id": options["rp"]["id"]} | more
    name = {"name": said.pop("name")} if "name" in said else {}
    made = passkey.introduction(options["challenge"], **said)
    return person.post("/me/passkeys", {"token": begun["token"], "credential": made} | name)


def added(person: Person, otp: str = "", **kind: Any) -> Passkey:
    """Return a passkey that the person added."""
    beginning = begun(person, otp)
    passkey = Passkey(beginning["public_key"], **kind)
    answer = introduced(person, beginning, passkey)
    assert answer.status_code == 201, answer.text
    return passkey


def asked(server: Server) -> Json:
    """Return what the chat gives to somebody who wants to sign in."""
    answer = requests.post(f"{server.url}/api/v1/auth/passkey/options", timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def signed_in(
    server: Server, passkey: Passkey, asked_for: Json | None = None, **more: Any
) -> requests.Response:
    """Sign in with a passkey. `more`: other than a browser of its person says."""
    beginning = asked_for or asked(server)
    options = beginning["public_key"]
    said = {"origin": origin_of(server), "rp_id": options["rpId"]} | more
    credential = passkey.answer(options["challenge"], **said)
    body = {"token": beginning["token"], "credential": credential}
    return requests.post(f"{server.url}/api/v1/auth/passkey", json=body, timeout=20)


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]
