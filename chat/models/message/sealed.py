"""Sealed: what a message says is kept under its room's key, bound to room, message and field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from bson import Binary

from chat.models.database import Record
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.utils import markup
from chat.utils.encryption import CannotOpen, fingerprint

REACTION_KEY_BYTES = 12
KEPT_TIMES, KEPT_MORE = 2, 256  # characters of HTML that are kept: so many for each of the text, and so many more
ENTRY_BYTES = 600               # of an entry beside its text, with its places in the indexes
INDEX_BYTES, MOST_INDEX_BYTES = 8, 48_000  # of the search index: for each character, and for a message
RENDERED = 50                   # texts whose HTML is not kept, remembered with it, if they are not longer than
LONGEST_RENDERED = 10_000       # characters


@dataclass(frozen=True)
class Text:
    """What a message says, as it was typed and as it is shown; by casefolded name the id of whom it names, or markup.ROOM."""

    body: str
    html: str
    names: dict[str, str] = field(default_factory=dict)


NO_TEXT = Text("", "")


class Sealed:
    @staticmethod
    def seal_text(room_id: Id, message_id: Id, text: Text) -> Binary:
        """Return a text as it is kept. The names too: whoever renders it anew names the same people, whatever they are called by then.

        The rendered form lies beside the body, with the renderer's number, where that saves more than it costs: not that of a text
        without markup, which is rendered in a moment, nor one that is much larger than its text.
        """
        content: dict[str, Any] = {"body": text.body, "names": text.names}
        if _keeps_html(text):
            content |= {"html": text.html, "renderer": markup.RENDERER}
        return Binary(key_ring.of(room_id).data.seal(orjson.dumps(content), _place(room_id, message_id, "text")))

    @staticmethod
    def kept_bytes(text: Text) -> int:
        """Return how many bytes a text takes where it is kept."""
        return len(text.body.encode()) + (len(text.html.encode()) if _keeps_html(text) else 0)

    @classmethod
    def written_bytes(cls, text: Text) -> int:
        """Return how many bytes are written for a message: its entry, its text, and about so many of the search index."""
        return ENTRY_BYTES + cls.kept_bytes(text) + min(MOST_INDEX_BYTES, INDEX_BYTES * len(text.body))

    @staticmethod
    def open_text(record: Record, message_id: Id | None = None) -> Text:
        """The text of a posted entry, or of an edit, which names its `message_id`. Raises CannotOpen, which names the record."""
        if "deleted_at" in record:
            return NO_TEXT
        content = _open_content(record, message_id or record["_id"])
        body, names = content["body"], content.get("names", {})
        if content.get("renderer") == markup.RENDERER:
            return Text(body, content["html"], names)
        return Text(body, _html(body, names), names)

    @staticmethod
    def open_body(record: Record, message_id: Id | None = None) -> str:
        """The same as it was typed; it is never rendered for this. Raises CannotOpen."""
        return "" if "deleted_at" in record else str(_open_content(record, message_id or record["_id"])["body"])

    @staticmethod
    def seal_images(room_id: Id, message_id: Id, images: list[dict[str, Any]]) -> Binary:
        return Binary(key_ring.of(room_id).data.seal(orjson.dumps(images), _place(room_id, message_id, "images")))

    @staticmethod
    def open_images(record: Record) -> list[dict[str, Any]]:
        """What a posted entry keeps of its images. Raises CannotOpen."""
        if "images" not in record:
            return []
        place = _place(record["room_id"], record["_id"], "images")
        images: list[dict[str, Any]] = orjson.loads(key_ring.of(record["room_id"]).data.open(record["images"], place))
        return images

    @staticmethod
    def seal_reaction(room_id: Id, message_id: Id, emoji: str) -> Record:
        """`key` tells the emoji of one message apart without giving them away."""
        keys, place = key_ring.of(room_id), _place(room_id, message_id, "reaction")
        key = fingerprint(keys.index, "reaction", str(message_id), emoji)[:REACTION_KEY_BYTES]
        return {"key": key, "emoji": keys.data.seal(emoji.encode(), place)}  # not Binary, which never equals what is read

    @staticmethod
    def open_reactions(record: Record) -> list[tuple[str, list[Id]]]:
        """(emoji, who) in the order in which each was first used. Raises CannotOpen."""
        if not record.get("reactions"):
            return []
        place = _place(record["room_id"], record["_id"], "reaction")
        return [
            (key_ring.of(record["room_id"]).data.open(reaction["emoji"], place).decode(), reaction["user_ids"])
            for reaction in record["reactions"]
        ]

    @staticmethod
    def fingerprint(room_id: Id, body: str, reply_to_id: str, image_ids: Iterable[str]) -> bytes:
        """Tells whether a retry is the same request, without giving the text away."""
        return fingerprint(key_ring.of(room_id).index, "message", body, reply_to_id, *image_ids)


def _open_content(record: Record, message_id: Id) -> dict[str, Any]:
    place = _place(record["room_id"], message_id, "text")
    if "text" not in record:
        raise CannotOpen(f"{place}: it is gone")
    content: dict[str, Any] = orjson.loads(key_ring.of(record["room_id"]).data.open(record["text"], place))
    return content


def _keeps_html(text: Text) -> bool:
    return not markup.is_plain(text.body) and len(text.html) <= KEPT_TIMES * len(text.body) + KEPT_MORE


def _html(body: str, names: dict[str, str]) -> str:
    if len(body) > LONGEST_RENDERED or markup.is_plain(body):
        return markup.render(body, names).html
    return _rendered(body, tuple(names.items()))


@lru_cache(RENDERED)
def _rendered(body: str, names: tuple[tuple[str, str], ...]) -> str:
    return markup.render(body, dict(names)).html


def forget_rendered() -> None:
    _rendered.cache_clear()


def _place(room_id: Id, message_id: Id, field: str) -> str:
    return f"{room_id}/{message_id}/{field}"
