"""Sealed: a message's text is kept under its room's key, bound to room, message and field."""

from __future__ import annotations

from bson import Binary

from chat.models.database import Record
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils.encryption import fingerprint


class Sealed:
    @staticmethod
    def seal_body(room_id: Id, message_id: Id, body: str) -> Binary:
        return Binary(key_ring.of(room_id).data.seal(body.encode(), _place(room_id, message_id)))

    @staticmethod
    def open_body(record: Record) -> str:
        """The text of a posted entry. Raises CannotOpen, which names the record."""
        place = _place(record["room_id"], record["_id"])
        return key_ring.of(record["room_id"]).data.open(record["body"], place).decode()

    @staticmethod
    def fingerprint(room_id: Id, body: str) -> bytes:
        """Tells whether a retry is the same request, without giving the text away."""
        return fingerprint(key_ring.of(room_id).index, "message", body)


def _place(room_id: Id, message_id: Id) -> str:
    return f"{room_id}/{message_id}/body"
