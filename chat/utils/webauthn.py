"""Check what browsers say about passkeys (WebAuthn), with Yubico's fido2.

A passkey here is a credential that its device finds by itself, without a name, and that works only
after its person unlocked it (by a finger, a face, a PIN). So it proves possession and person.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
)

SECONDS = 300  # for which a challenge may be answered
ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256: of phones, of security keys, of Windows
COSE_ALGORITHM = 3  # where a public key in COSE names its algorithm
REQUIRED = "required"
KIND = "public-key"

# It would log the ids of credentials.
logging.getLogger("fido2").setLevel(logging.WARNING)

Options = dict[str, Any]  # as `PublicKeyCredential.parse…OptionsFromJSON` of browsers reads them
T = TypeVar("T")


class NotProved(Exception):
    """An answer that proves no passkey. The text is for the log."""


@dataclass(frozen=True)
class Site:
    """The site that passkeys are for: `host` and `origin` of its pages, and of no others."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True)
class Owner:
    """Somebody who makes a passkey. `handle`: the bytes by which devices name the account."""

    handle: bytes
    username: str
    display_name: str


@dataclass(frozen=True)
class Registration:
    """What a browser answers that made a passkey."""

    client_data: bytes
    attestation: bytes


@dataclass(frozen=True)
class Assertion:
    """What a browser answers that used a passkey."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes


@dataclass(frozen=True)
class Credential:
    """A passkey. `data`: its id and its public key, by which it is checked later."""

    id: bytes
    data: bytes = field(repr=False)
    sign_count: int


def new_challenge() -> str:
    """Return 32 random bytes in base64url."""
    return secrets.token_urlsafe(32)


def id_of(data: bytes) -> bytes:
    """Return the id of a passkey by its `data`."""
    return AttestedCredentialData(data).credential_id


def creation_options(site: Site, owner: Owner, challenge: str, has: Iterable[bytes]) -> Options:
    """Return what a browser makes a passkey by. `has`: the ids of those that the person has."""
    return {
        "rp": {"id": site.host, "name": site.name},
        "user": {
            "id": websafe_encode(owner.handle),
            "name": owner.username,
            "displayName": owner.display_name,
        },
        "challenge": challenge,
        "pubKeyCredParams": [{"type": KIND, "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": SECONDS * 1000,
        "excludeCredentials": [{"type": KIND, "id": websafe_encode(each)} for each in has],
        "authenticatorSelection": {
            "residentKey": REQUIRED,
            "requireResidentKey": True,
            "userVerification": REQUIRED,
        },
        "attestation": "none",
    }


def request_options(site: Site, challenge: str) -> Options:
    """Return what a browser uses a passkey by, whichever the person chooses."""
    return {
        "challenge": challenge,
        "timeout": SECONDS * 1000,
        "rpId": site.host,
        "allowCredentials": [],
        "userVerification": REQUIRED,
    }


def check_registration(site: Site, challenge: str, answer: Registration) -> Credential:
    """Return the passkey that was made for a challenge. Raises NotProved."""
    return _checked(lambda: _made(site, challenge, answer))


def check_assertion(site: Site, challenge: str, credential: bytes, answer: Assertion) -> int:
    """Return how often the passkey was used, as its device counts; 0 if it does not.

    `credential`: the `data` of the passkey. Raises NotProved.
    """
    return _checked(lambda: _used(site, challenge, credential, answer))


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  the library raises anything for bytes of a stranger
        raise NotProved(f"{type(error).__name__}: {error}") from None


def _made(site: Site, challenge: str, answer: Registration) -> Credential:
    client_data = _client_data(answer.client_data)
    attestation = AttestationObject(answer.attestation)
    response = AuthenticatorAttestationResponse(
        client_data=client_data, attestation_object=attestation
    )
    found = attestation.auth_data.credential_data
    if found is None:
        raise NotProved("there is no passkey")
    _server(site).register_complete(
        _state(challenge), RegistrationResponse(raw_id=found.credential_id, response=response)
    )
    if found.public_key[COSE_ALGORITHM] not in ALGORITHMS:
        raise NotProved("a key of another algorithm")
    return Credential(found.credential_id, bytes(found), attestation.auth_data.counter)


def _used(site: Site, challenge: str, credential: bytes, answer: Assertion) -> int:
    data = AuthenticatorData(answer.authenticator_data)
    response = AuthenticatorAssertionResponse(
        client_data=_client_data(answer.client_data),
        authenticator_data=data,
        signature=answer.signature,
        user_handle=answer.user_handle,
    )
    _server(site).authenticate_complete(
        _state(challenge),
        [AttestedCredentialData(credential)],
        AuthenticationResponse(raw_id=answer.credential_id, response=response),
    )
    return data.counter


def _client_data(sent: bytes) -> CollectedClientData:
    client_data = CollectedClientData(sent)
    if client_data.cross_origin:
        raise NotProved("asked for within a page of another site")
    return client_data


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=site.host, name=site.name)
    return Fido2Server(party, verify_origin=lambda origin: origin == site.origin)


def _state(challenge: str) -> dict[str, str]:
    return {"challenge": challenge, "user_verification": REQUIRED}
