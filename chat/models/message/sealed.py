"""Sealed: a message is sealed under its room's key and its own half, bound to room, message, field.

A deletion destroys the half. Then nobody can open any copy of any version of the message's text, of
its images' descriptions or of its reactions. A message from a version without halves is sealed
under its room's key alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from bson import Binary

from chat.models.database import Record
from chat.models.document import Id
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import RoomKeys, key_ring
from chat.models.message.text import NO_TEXT, Text, packed_body
from chat.utils.encryption import CannotOpen, fingerprint, half_number_of, padded

REACTION_KEY_BYTES = 12
# Bytes: padding fills each field to a multiple. Spaces pad a text, because JSON and zlib ignore
# spaces at the end. Zeros pad an emoji.
TEXT_STEP = 64
EMOJI_STEP = 32


class Sealed:
    @staticmethod
    def half_of(record: Record) -> int | None:
        """Return the number of a message's half, which the message's first text names.

        Return None if the message has no half. Raises CannotOpen.
        """
        place = _place(record["room_id"], record["_id"], "text")
        sealed = record.get("original") or record.get("text")
        if sealed is None:
            raise CannotOpen(f"{place}: it is gone")
        return half_number_of(sealed, place)

    @classmethod
    def is_gone(cls, record: Record) -> bool:
        """Return whether a posted entry was deleted.

        Its record may not say so yet, or comes from a backup older than the deletion.
        """
        if "deleted_at" in record:
            return True
        half = cls.half_of(record)
        return half is not None and halves.is_destroyed(half)

    @staticmethod
    def keys(room_id: Id, message_id: Id, half: int | None) -> RoomKeys:
        """Return the keys of a message. Raises Destroyed, CannotOpen."""
        return _keys(room_id, half, f"{room_id}/{message_id}")

    @staticmethod
    def seal_text(keys: RoomKeys, room_id: Id, message_id: Id, text: Text) -> Binary:
        """Return a text as an entry of the log contains it. `keys`: the keys of the message."""
        return _seal(keys, _place(room_id, message_id, "text"), text.packed)

    @staticmethod
    def open_text(record: Record, message_id: Id | None = None) -> Text:
        """Return the text of a posted entry, or of an edit of `message_id`.

        Raises Destroyed, CannotOpen, which name the record.
        """
        if "deleted_at" in record:
            return NO_TEXT
        return Text.unpack(_open_packed(record, message_id or record["_id"]))

    @staticmethod
    def open_body(record: Record, message_id: Id | None = None) -> str:
        """Return the text as typed, without rendering it. Raises CannotOpen.

        The text of a deleted message is empty.
        """
        if "deleted_at" in record:
            return ""
        try:
            return packed_body(_open_packed(record, message_id or record["_id"]))
        except Destroyed:
            return ""

    @staticmethod
    def seal_images(
        keys: RoomKeys, room_id: Id, message_id: Id, images: list[dict[str, Any]]
    ) -> Binary:
        return _seal(keys, _place(room_id, message_id, "images"), orjson.dumps(images))

    @staticmethod
    def open_images(record: Record) -> list[dict[str, Any]]:
        """Return the references to images of a posted entry. Raises Destroyed, CannotOpen."""
        if "images" not in record:
            return []
        place = _place(record["room_id"], record["_id"], "images")
        images: list[dict[str, Any]] = orjson.loads(
            key_ring.of(record["room_id"]).open(record["images"], place)
        )
        return images

    @classmethod
    def seal_reaction(cls, record: Record, emoji: str) -> Record:
        """Return {key, emoji (sealed)} of a reaction. Raises Destroyed, CannotOpen.

        `key` distinguishes the emoji of one message without revealing them.
        """
        place = _place(record["room_id"], record["_id"], "reaction")
        keys = _keys(record["room_id"], cls.half_of(record), place)
        key = fingerprint(keys.index, "reaction", str(record["_id"]), emoji)[:REACTION_KEY_BYTES]
        # This is not a Binary, which would never equal the bytes that the database returns.
        sealed = keys.data.seal(padded(emoji.encode(), EMOJI_STEP), place)
        return {"key": key, "emoji": sealed}

    @staticmethod
    def open_reactions(record: Record) -> list[tuple[str, list[Id]]]:
        """Return (emoji, people), in the order of first use. Raises Destroyed, CannotOpen."""
        if not record.get("reactions"):
            return []
        place = _place(record["room_id"], record["_id"], "reaction")
        keys = key_ring.of(record["room_id"])
        return [
            (keys.open(reaction["emoji"], place).rstrip(b"\0").decode(), reaction["user_ids"])
            for reaction in record["reactions"]
        ]

    @staticmethod
    def fingerprint(room_id: Id, body: str, reply_to_id: str, image_ids: Iterable[str]) -> bytes:
        """Return a fingerprint that recognises a retry without revealing the text.

        This fingerprint stays in memory; the log stores `sealed_fingerprint`.
        """
        return fingerprint(key_ring.of(room_id).index, "message", body, reply_to_id, *image_ids)

    @staticmethod
    def sealed_fingerprint(keys: RoomKeys, plain_fingerprint: bytes) -> bytes:
        """Return a fingerprint as the log stores it, under the message's keys.

        Once the message's half is destroyed, nobody can test a guess about the text.
        """
        return fingerprint(keys.index, "message", plain_fingerprint.hex())

    @classmethod
    def is_same(cls, record: Record, plain_fingerprint: bytes) -> bool:
        """Return whether a posted entry has this fingerprint.

        Return True for a deleted message, whose fingerprint nobody can check. So a retry gets the
        tombstone.
        """
        stored = record.get("fingerprint")
        if stored is None or cls.is_gone(record):
            return True
        half = cls.half_of(record)
        if half is None:
            return bool(stored == plain_fingerprint)
        keys = cls.keys(record["room_id"], record["_id"], half)
        return bool(stored == cls.sealed_fingerprint(keys, plain_fingerprint))


def _keys(room_id: Id, half: int | None, place: str) -> RoomKeys:
    return key_ring.of(room_id).with_half(half, place)


def _seal(keys: RoomKeys, place: str, packed: bytes) -> Binary:
    return Binary(keys.data.seal(padded(packed, TEXT_STEP, b" "), place))


def _open_packed(record: Record, message_id: Id) -> bytes:
    place = _place(record["room_id"], message_id, "text")
    if "text" not in record:
        raise CannotOpen(f"{place}: it is gone")
    return key_ring.of(record["room_id"]).open(record["text"], place)


def _place(room_id: Id, message_id: Id, field: str) -> str:
    return f"{room_id}/{message_id}/{field}"
