"""Postable: a person posts a message, and may send it again until it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

from chat.models.app_account import App
from chat.models.database import Record
from chat.models.document import Id, new_id
from chat.models.halves import halves
from chat.models.image import Image
from chat.models.log import POSTED, Draft, log_of
from chat.models.message.opened import OpenMessage
from chat.models.message.text import ENTRY_BYTES, Text
from chat.models.user import User
from chat.utils.clock import now


class Postable(OpenMessage):
    @classmethod
    def post(
        cls,
        room_id: Id,
        author: User,
        client_id: str,
        body: str,
        images: Sequence[Image] = (),
        reply_to_id: Id | None = None,
        charge: Callable[[int], None] = lambda _: None,
        app: App | None = None,
        asked_by: User | None = None,
    ) -> tuple[Self, bool]:
        """Store a message durably. Return the message, and whether this call stored it.

        A call with a client_id used before returns the first message. `body` is clean, and not
        empty unless there are images. Before the write, `charge` gets the number of bytes, and may
        raise. `app`: the app that writes with the account `author`, and `asked_by`: for whom.
        Raises Conflict, Unavailable.
        """
        text = cls.compose(room_id, author, body, app, asked_by)
        charge(text.written_bytes)
        stored_images = [image.as_reference() for image in images]
        fingerprint = cls.fingerprint(
            room_id, body, str(reply_to_id or ""), [image["id"] for image in stored_images]
        )
        record = cls._sealed(room_id, author, client_id, text, stored_images, fingerprint)
        if reply_to_id:
            record["reply_to_id"] = reply_to_id
        cls.note_mentions(room_id, record["_id"], text)
        stored = log_of(room_id).append(cls._draft(author, client_id, fingerprint, record))
        if not stored.is_new:
            cls.forget_mentions(record["_id"])
            return cls.from_records([stored.entry])[0], False
        # Use the plain text, so that the text sealed a moment ago need not be opened.
        reply_to = cls._replies([stored.entry]).get(reply_to_id) if reply_to_id else None
        return cls._of(stored.entry, author, text, stored_images, [], reply_to), True

    @classmethod
    def _sealed(
        cls,
        room_id: Id,
        author: User,
        client_id: str,
        text: Text,
        stored_images: list[dict[str, Any]],
        fingerprint: bytes,
    ) -> Record:
        """Return the record of a new message, with a half of its own."""
        message_id = new_id()
        keys = cls.keys(room_id, message_id, halves.take())
        record: Record = {
            "_id": message_id,
            "room_id": room_id,
            "event": POSTED,
            "author_id": author.id,
            "client_id": client_id,
            "applied_seq": 0,
            "fingerprint": cls.sealed_fingerprint(keys, fingerprint),
            "text": cls.seal_text(keys, room_id, message_id, text),
            "created_at": now(),
            **cls.named_by(text),
        }
        if stored_images:
            record["images"] = cls.seal_images(keys, room_id, message_id, stored_images)
        return record

    @classmethod
    def _draft(cls, author: User, client_id: str, fingerprint: bytes, record: Record) -> Draft:
        is_same = partial(cls.is_same, plain_fingerprint=fingerprint)
        return Draft(author.id, client_id, fingerprint, record, is_same)

    @property
    def changed_bytes(self) -> int:
        """Return how many bytes a reaction or pin writes: an entry, and the message's record."""
        return 2 * ENTRY_BYTES + self.text.stored_bytes

    @classmethod
    def sent_before(
        cls,
        room_id: Id,
        author: User,
        client_id: str,
        body: str,
        reply_to_id: str | None,
        image_ids: Sequence[str],
    ) -> Self | None:
        """Return the message that an earlier attempt to send stored; None if none did.

        Raises Conflict when the content differs.
        """
        log = log_of(room_id)
        if log.message_of(str(author.id), client_id) is None:
            return None
        fingerprint = cls.fingerprint(room_id, body, reply_to_id or "", image_ids)
        sent_now = cls._draft(author, client_id, fingerprint, {})
        return cls.from_records([log.first_result(sent_now)])[0]
