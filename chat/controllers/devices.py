"""Remember people's known devices.

The device itself stores the proof, in a signed token. The server stores nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from chat import extensions
from chat.models.database import database
from chat.models.user import User

PEOPLE_REMEMBERED = 10  # the last people who signed in on a device
LONGEST_TOKEN = 1024  # characters; our tokens have less than 500
IDENTIFIER = re.compile(r"[\w-]{22}\Z", re.ASCII)


@dataclass(frozen=True)
class Device:
    """A device that people signed in on.

    `people`: keyed hashes of these people, different on every device. `is_new`: whether the client
    has no token for the device yet.
    """

    id: str
    people: tuple[str, ...] = ()
    is_new: bool = False

    @classmethod
    def new(cls) -> Device:
        return cls(secrets.token_urlsafe(16), is_new=True)

    def knows(self, user: User) -> bool:
        """Return whether the person signed in on this device before."""
        return self._name_of(user) in self.people

    def with_person(self, user: User) -> Device:
        """Return the device, with the person added to the people who signed in on it."""
        if self.knows(user):
            return self
        return replace(self, people=(*self.people, self._name_of(user))[-PEOPLE_REMEMBERED:])

    def _name_of(self, user: User) -> str:
        return keyed("person of a device", f"{self.id} {user.id}")


def token_of(device: Device) -> str:
    """Return the token that the device's client stores and sends along."""
    return _signer().dumps([device.id, list(device.people)])


def device_of(token: str) -> Device | None:
    """Return the device of a token that this chat signed; None for any other text."""
    if len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    try:
        content = _signer().loads(token)
    except BadData:
        return None
    return _read(content)


def keyed(purpose: str, text: str) -> str:
    """Return a keyed hash of `text`: 22 hex digits, which reveal nothing without JWT_SECRET."""
    message = f"{purpose}\0{database.instance}\0{text}".encode()
    return hmac.new(extensions.settings().jwt_secret.encode(), message, hashlib.sha256).hexdigest()[
        :22
    ]


def _read(content: Any) -> Device | None:
    match content:
        case [str(device_id), list(people)] if all(
            isinstance(each, str) and IDENTIFIER.match(each) for each in [device_id, *people]
        ):
            return Device(device_id, tuple(people[:PEOPLE_REMEMBERED]))
    return None


def _signer() -> URLSafeSerializer:
    settings = extensions.settings()
    return URLSafeSerializer(
        settings.jwt_secret,
        salt=f"device {database.instance}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
