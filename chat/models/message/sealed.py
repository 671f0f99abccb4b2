"""Sealed: a message is sealed under its room's key and its own half, bound to room, message, field.

A deletion destroys the half. Then nobody opens any copy of what the message ever said, of its
images' descriptions or of its reactions. A message from before there were halves has none, and is
sealed under its room's key alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import orjson
from bson import Binary

from chat.models.database import Record
from chat.models.document import Id
from chat.models.halves import Destroyed, halves
from chat.models.key_ring import RoomKeys, key_ring
from chat.utils import markup
from chat.utils.encryption import CannotOpen, fingerprint, half_number_of, padded

REACTION_KEY_BYTES = 12
# Bytes. Spaces pad JSON: they mean nothing in it, nor behind what zlib packed. Zeros pad an emoji.
TEXT_STEP, EMOJI_STEP = 64, 32
# Characters of HTML that are stored at most: so many for each one of the text, and so many more.
KEPT_TIMES, KEPT_MORE = 2, 256
ENTRY_BYTES = 600  # of an entry without its text, but with its places in the indexes
# Of the search index: for each letter of different words, and for a message.
INDEX_BYTES, MOST_INDEX_BYTES = 8, 48_000
SHORT = 500  # characters: shorter texts hardly repeat a word
PACKED_FROM, PACKED_LEVEL = 1_000, 1  # bytes; of zlib, the fastest
RENDERED = 50  # cached HTML of texts whose HTML is not stored, if a text is not longer than
LONGEST_RENDERED = 10_000  # characters


@dataclass(frozen=True)
class Text:
    """What a message says, as typed (`body`) and as shown (`html`).

    `names`: the ids of the people whom it names, by casefolded name, or markup.ROOM.
    """

    body: str
    html: str
    names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def packed(self) -> bytes:
        """Return the text as stored, in JSON; a long one is packed by zlib.

        The rendered form repeats the text, so both together take hardly more bytes than one.
        """
        content: dict[str, Any] = {"body": self.body, "names": self.names}
        if _keeps_html(self):
            content |= {"html": self.html, "renderer": markup.RENDERER}
        packed = orjson.dumps(content)
        return (
            packed
            if len(packed) < PACKED_FROM
            else min(packed, zlib.compress(packed, PACKED_LEVEL), key=len)
        )


NO_TEXT = Text("", "")
_WORD = re.compile(r"\w+")


class Sealed:
    @staticmethod
    def half_of(record: Record) -> int | None:
        """Return the number of a message's half, which its first text names; None if it has none.

        Raises CannotOpen.
        """
        place = _place(record["room_id"], record["_id"], "text")
        sealed = record.get("original") or record.get("text")
        if sealed is None:
            raise CannotOpen(f"{place}: it is gone")
        return half_number_of(sealed, place)

    @classmethod
    def is_gone(cls, record: Record) -> bool:
        """Return whether a posted entry was deleted.

        Its record may not say so yet, or, in a restored backup, not any more.
        """
        if "deleted_at" in record:
            return True
        half = cls.half_of(record)
        return half is not None and halves.is_destroyed(half)

    @classmethod
    def destroy_half(cls, record: Record) -> None:
        """Destroy a message's half, so that nobody can open its texts. Raises Unavailable.

        Idempotent.
        """
        if "deleted_at" not in record and (half := cls.half_of(record)) is not None:
            halves.destroy([half])

    @staticmethod
    def seal_text(room_id: Id, message_id: Id, half: int | None, text: Text) -> Binary:
        """Return a text as it is stored, with the names of the people in it.

        So a later rendering names the same people, even if they have other names by then. The
        rendered form and the renderer's number are stored too where that saves more than it costs:
        not for a text without markup, which is quick to render, nor where the HTML is much larger
        than the text.
        """
        return _seal(room_id, message_id, half, "text", text.packed)

    @staticmethod
    def kept_bytes(text: Text) -> int:
        """Return how many bytes a stored text takes."""
        return len(text.packed)

    @classmethod
    def written_bytes(cls, text: Text) -> int:
        """Return how many bytes a message writes: entry, text, and an estimate for the index."""
        words = len(text.body)
        if words > SHORT:
            words = sum(map(len, set(_WORD.findall(text.body))))
        return ENTRY_BYTES + cls.kept_bytes(text) + min(MOST_INDEX_BYTES, INDEX_BYTES * words)

    @staticmethod
    def open_text(record: Record, message_id: Id | None = None) -> Text:
        """Return the text of a posted entry, or of an edit of `message_id`.

        Raises Destroyed, CannotOpen, which name the record.
        """
        if "deleted_at" in record:
            return NO_TEXT
        content = _open_content(record, message_id or record["_id"])
        body, names = content["body"], content.get("names", {})
        if content.get("renderer") == markup.RENDERER:
            return Text(body, content["html"], names)
        return Text(body, _html(body, names), names)

    @staticmethod
    def open_body(record: Record, message_id: Id | None = None) -> str:
        """Return the text as typed, without rendering it; empty if deleted. Raises CannotOpen."""
        try:
            return (
                ""
                if "deleted_at" in record
                else str(_open_content(record, message_id or record["_id"])["body"])
            )
        except Destroyed:
            return ""

    @staticmethod
    def seal_images(
        room_id: Id, message_id: Id, half: int | None, images: list[dict[str, Any]]
    ) -> Binary:
        return _seal(room_id, message_id, half, "images", orjson.dumps(images))

    @staticmethod
    def open_images(record: Record) -> list[dict[str, Any]]:
        """Return what a posted entry stores of its images. Raises Destroyed, CannotOpen."""
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
        # Not Binary, which never equals the bytes that are read from the database.
        sealed = keys.data.seal(padded(emoji.encode(), EMOJI_STEP), place)
        return {"key": key, "emoji": sealed}

    @staticmethod
    def open_reactions(record: Record) -> list[tuple[str, list[Id]]]:
        """Return (emoji, who), in the order of first use. Raises Destroyed, CannotOpen."""
        if not record.get("reactions"):
            return []
        place, keys = (
            _place(record["room_id"], record["_id"], "reaction"),
            key_ring.of(record["room_id"]),
        )
        return [
            (keys.open(reaction["emoji"], place).rstrip(b"\0").decode(), reaction["user_ids"])
            for reaction in record["reactions"]
        ]

    @staticmethod
    def fingerprint(room_id: Id, body: str, reply_to_id: str, image_ids: Iterable[str]) -> bytes:
        """Return a fingerprint that recognises a retry without revealing the text.

        It is for memory; the log stores `sealed_fingerprint`.
        """
        return fingerprint(key_ring.of(room_id).index, "message", body, reply_to_id, *image_ids)

    @staticmethod
    def sealed_fingerprint(room_id: Id, half: int, plain_fingerprint: bytes) -> bytes:
        """Return a fingerprint as the log stores it, bound to the message's half.

        Once the half is destroyed, nobody can test a guess of what the message said.
        """
        return fingerprint(
            _keys(room_id, half, f"{room_id}/fingerprint").index, "message", plain_fingerprint.hex()
        )

    @classmethod
    def is_same(cls, record: Record, plain_fingerprint: bytes) -> bool:
        """Return whether a posted entry is what somebody sent with this fingerprint.

        Nobody knows that of a deleted one, so True: a retry gets the tombstone.
        """
        kept = record.get("fingerprint")
        if kept is None or cls.is_gone(record):
            return True
        half = cls.half_of(record)
        return bool(
            kept
            == (
                plain_fingerprint
                if half is None
                else cls.sealed_fingerprint(record["room_id"], half, plain_fingerprint)
            )
        )


def _keys(room_id: Id, half: int | None, place: str) -> RoomKeys:
    return key_ring.of(room_id).with_half(half, place)


def _seal(room_id: Id, message_id: Id, half: int | None, field: str, packed: bytes) -> Binary:
    place = _place(room_id, message_id, field)
    return Binary(_keys(room_id, half, place).data.seal(padded(packed, TEXT_STEP, b" "), place))


def _open_content(record: Record, message_id: Id) -> dict[str, Any]:
    place = _place(record["room_id"], message_id, "text")
    if "text" not in record:
        raise CannotOpen(f"{place}: it is gone")
    packed = key_ring.of(record["room_id"]).open(record["text"], place)
    content: dict[str, Any] = orjson.loads(
        packed if packed.startswith(b"{") else zlib.decompress(packed)
    )
    return content


def _keeps_html(text: Text) -> bool:
    return (
        text.html != markup.plain(text.body)
        and len(text.html) <= KEPT_TIMES * len(text.body) + KEPT_MORE
    )


def _html(body: str, names: dict[str, str]) -> str:
    if html := markup.plain(body):
        return html
    if len(body) > LONGEST_RENDERED:
        return markup.render(body, names).html
    return _rendered(body, tuple(names.items()))


@lru_cache(RENDERED)
def _rendered(body: str, names: tuple[tuple[str, str], ...]) -> str:
    return markup.render(body, dict(names)).html


def forget_rendered() -> None:
    _rendered.cache_clear()


def _place(room_id: Id, message_id: Id, field: str) -> str:
    return f"{room_id}/{message_id}/{field}"
