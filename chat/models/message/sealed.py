"""Sealed: a message's text is kept under its room's key, bound to room, message and field."""

from __future__ import annotations

import json
from typing import Any

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
    def seal_images(room_id: Id, message_id: Id, images: list[dict[str, Any]]) -> Binary:
        return Binary(key_ring.of(room_id).data.seal(json.dumps(images).encode(), _place(room_id, message_id, "images")))

    @staticmethod
    def open_images(record: Record) -> list[dict[str, Any]]:
        """What a posted entry keeps of its images. Raises CannotOpen."""
        if "images" not in record:
            return []
        place = _place(record["room_id"], record["_id"], "images")
        images: list[dict[str, Any]] = json.loads(key_ring.of(record["room_id"]).data.open(record["images"], place))
        return images

    @staticmethod
    def fingerprint(room_id: Id, body: str, image_ids: list[str]) -> bytes:
        """Tells whether a retry is the same request, without giving the text away."""
        return fingerprint(key_ring.of(room_id).index, "message", body, *image_ids)


def _place(room_id: Id, message_id: Id, field: str = "body") -> str:
    return f"{room_id}/{message_id}/{field}"
