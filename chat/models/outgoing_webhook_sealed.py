"""What is sealed of an outgoing webhook: its name, its address and its secret."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from bson import Binary

from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils.encryption import padded

STEP = 256  # bytes; what is sealed is padded to a multiple of it


@dataclass(frozen=True)
class Sealed:
    """What is sealed of a webhook."""

    name: str
    url: str
    secret: str


def seal(room_id: Id, hook_id: Id, opened: Sealed) -> Binary:
    plain = orjson.dumps([opened.name, opened.url, opened.secret])
    return Binary(key_ring.of(room_id).data.seal(padded(plain, STEP, b" "), _place(hook_id)))


def unseal(room_id: Id, hook_id: Id, sealed: bytes) -> Sealed:
    """Return what is sealed. Raises CannotOpen."""
    return Sealed(*orjson.loads(key_ring.of(room_id).open(sealed, _place(hook_id))))


def _place(hook_id: Id) -> str:
    return f"{hook_id}/outgoing webhook"
