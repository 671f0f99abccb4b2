"""Message: what a person posted in a room."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from chat.models.database import Record, database, find_by_ids
from chat.models.document import Id, new_id
from chat.models.halves import Destroyed, halves
from chat.models.image import Image
from chat.models.log import (
    LARGEST_REMEMBERED,
    POSTED,
    CachedRecord,
    Draft,
    forget_entries,
    heads_of,
    log_of,
)
from chat.models.log.changing import when_deleted
from chat.models.log.folding import tombstone
from chat.models.message.changeable import Changeable
from chat.models.message.deletable import Deletable
from chat.models.message.editable import Editable
from chat.models.message.mentioning import Mentioning
from chat.models.message.paged import Paged
from chat.models.message.pinnable import Pinnable
from chat.models.message.reactable import Reactable
from chat.models.message.sealed import ENTRY_BYTES, NO_TEXT, Sealed, Text, forget_rendered
from chat.models.message.searchable import Searchable
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.encryption import CannotOpen
from chat.utils.text import excerpt_of
from chat.utils.time_slices import in_time_slices

OPENED_AT_A_TIME = 8  # messages; after so many, other work on the loop may have its turn

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """The message that another one answers, as it is now; the excerpt of a deleted one is empty."""

    id: Id
    seq: int
    author: User
    excerpt: str
    deleted_at: datetime | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Message(
    Sealed, Mentioning, Editable, Deletable, Reactable, Pinnable, Searchable, Changeable, Paged
):
    """A message of a room's log: sealed there, open here."""

    id: Id
    room_id: Id
    seq: int
    client_id: str
    author: User
    text: Text
    images: list[dict[str, Any]]  # what Image.as_kept returns
    reply_to: Reply | None
    mentions: list[Id]  # whom it names
    mentions_room: bool  # whether it names everybody
    reactions: list[tuple[str, list[Id]]]
    version: int  # the seq of its last change
    created_at: datetime
    edited_at: datetime | None
    pinned_at: datetime | None
    deleted_at: datetime | None
    # A cache, by the function that made the value.
    made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

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
    ) -> tuple[Message, bool]:
        """Store a message durably; return it, and whether this call made it.

        The same client_id again returns the first message. `body` is clean, and not empty unless
        there are images. `charge` gets the number of bytes before they are written, and may raise.
        Raises Conflict, Unavailable.
        """
        text = cls.compose(room_id, author, body)
        charge(cls.written_bytes(text))
        message_id, half, kept_images = (
            new_id(),
            halves.take(),
            [image.as_kept() for image in images],
        )
        plain_fingerprint = cls.fingerprint(
            room_id, body, str(reply_to_id or ""), [image["id"] for image in kept_images]
        )
        record: Record = {
            "_id": message_id,
            "room_id": room_id,
            "event": POSTED,
            "author_id": author.id,
            "client_id": client_id,
            "applied_seq": 0,
            "fingerprint": cls.sealed_fingerprint(room_id, half, plain_fingerprint),
            "text": cls.seal_text(room_id, message_id, half, text),
            "created_at": now(),
            **cls.named_by(text),
        }
        if kept_images:
            record["images"] = cls.seal_images(room_id, message_id, half, kept_images)
        if reply_to_id:
            record["reply_to_id"] = reply_to_id
        cls.note_mentions(room_id, message_id, text)
        draft = Draft(
            author.id,
            client_id,
            plain_fingerprint,
            record,
            partial(cls.is_same, plain_fingerprint=plain_fingerprint),
        )
        kept, is_new = log_of(room_id).append(draft)
        if is_new:  # the text is at hand, so do not open what was sealed a moment ago
            return cls._of(
                kept,
                author,
                text,
                kept_images,
                [],
                cls._replies([kept]).get(reply_to_id) if reply_to_id else None,
            ), True
        cls.forget_mentions(message_id)
        return cls.from_records([kept])[0], False

    @property
    def changed_bytes(self) -> int:
        """Return how many bytes a change writes that leaves the text: an entry and the record."""
        return 2 * ENTRY_BYTES + self.kept_bytes(self.text)

    @classmethod
    def sent_before(
        cls,
        room_id: Id,
        author: User,
        client_id: str,
        body: str,
        reply_to_id: str | None,
        image_ids: Sequence[str],
    ) -> Message | None:
        """Return the message that an earlier try stored, if one did.

        Raises Conflict when its content differs.
        """
        log = log_of(room_id)
        if log.message_of(str(author.id), client_id) is None:
            return None
        plain_fingerprint = cls.fingerprint(room_id, body, reply_to_id or "", image_ids)
        sent_now = Draft(
            author.id,
            client_id,
            plain_fingerprint,
            {},
            partial(cls.is_same, plain_fingerprint=plain_fingerprint),
        )
        return cls.from_records([log.first_result(sent_now)])[0]

    @staticmethod
    def room_of(message_id: Id) -> Id | None:
        """Return the room that a message is in."""
        record = database["log"].find_one({"_id": message_id}, {"room_id": 1, "event": 1})
        return record["room_id"] if record and record["event"] == POSTED else None

    @staticmethod
    def rooms_of(message_ids: list[Id]) -> set[Id]:
        """Return the rooms that some messages are in."""
        return {record["room_id"] for record in find_by_ids("log", message_ids, "room_id")}

    @classmethod
    def find(cls, message_id: Id) -> Message | None:
        """Return a message as it is now. Raises CannotOpen."""
        record = database["log"].find_one({"_id": message_id})
        if record is None or record["event"] != POSTED:
            return None
        return cls.from_records([log_of(record["room_id"]).apply(message_id, record)])[0]

    @classmethod
    def find_each(cls, message_ids: list[Id], *, alone: bool = False) -> Iterator[Message]:
        """Yield those of these messages that exist, of any rooms, as they are now.

        In the order of `message_ids`; each is opened when the caller asks for it. `alone`: see
        heads_of. Raises CannotOpen.
        """
        found = {
            record["_id"]: record for record in database["log"].find({"_id": {"$in": message_ids}})
        }
        # This reads the heads, so that `_current` folds the changes up to them in.
        heads_of({record["room_id"] for record in found.values()}, alone=alone)
        yield from cls.opening(
            _current(found[message_id] for message_id in message_ids if message_id in found)
        )

    @classmethod
    def from_records(cls, records: list[Record]) -> list[Message]:
        """Return the messages of posted entries, opened, as of their rooms' heads.

        Raises CannotOpen.
        """
        return list(cls.opening(_current(records)))

    @classmethod
    def opening(cls, records: list[Record]) -> Iterator[Message]:
        """Yield the messages of current records, each opened when the caller asks for it.

        So a caller who has enough opens no more. Raises CannotOpen.
        """
        authors = User.find_many(record["author_id"] for record in records)
        replies = cls._replies(records)
        for record in in_time_slices(records, OPENED_AT_A_TIME):
            author, reply_to = authors[record["author_id"]], replies.get(record.get("reply_to_id"))
            if not isinstance(record, CachedRecord):
                yield cls._open(record, author, reply_to)
                continue
            opened = record.opened
            if opened is None or opened[0] != (author, reply_to):
                message = cls._open(record, author, reply_to)
                opened = ((author, reply_to), message)
                if _characters(message) <= LARGEST_REMEMBERED:
                    record.opened = opened
            yield opened[1]

    @classmethod
    def _open(cls, record: Record, author: User, reply_to: Reply | None) -> Message:
        try:
            return cls._of(
                record,
                author,
                cls.open_text(record),
                cls.open_images(record),
                cls.open_reactions(record),
                reply_to,
            )
        except Destroyed:
            # The record does not say so yet, or comes from a backup older than the deletion.
            gone = tombstone(record, record["created_at"]) | {"applied_seq": record["applied_seq"]}
            return cls._of(gone, author, NO_TEXT, [], [], None)

    @classmethod
    def _of(
        cls,
        record: Record,
        author: User,
        text: Text,
        images: list[dict[str, Any]],
        reactions: list[tuple[str, list[Id]]],
        reply_to: Reply | None,
    ) -> Message:
        return cls(
            id=record["_id"],
            room_id=record["room_id"],
            seq=record["seq"],
            client_id=record["client_id"],
            author=author,
            text=text,
            images=images,
            reply_to=reply_to,
            reactions=reactions,
            mentions=record.get("mentions", []),
            mentions_room=record.get("mentions_room", False),
            version=record["applied_seq"] or record["seq"],
            created_at=record["created_at"],
            edited_at=record.get("edited_at"),
            pinned_at=record.get("pinned_at"),
            deleted_at=record.get("deleted_at"),
        )

    @classmethod
    def _replies(cls, records: list[Record]) -> dict[Id | None, Reply]:
        wanted = list({record["reply_to_id"] for record in records if "reply_to_id" in record})
        if not wanted:
            return {}
        found = _current(database["log"].find({"_id": {"$in": wanted}}))
        authors = User.find_many(record["author_id"] for record in found)
        return {
            record["_id"]: Reply(
                record["_id"],
                record["seq"],
                authors[record["author_id"]],
                excerpt_of(cls.open_body(record)),
                record.get("deleted_at") or (record["created_at"] if cls.is_gone(record) else None),
            )
            for record in found
        }


def _current(records: Iterable[Record]) -> list[Record]:
    by_room = groupby(records, key=itemgetter("room_id"))
    return [current for room_id, of_room in by_room for current in log_of(room_id).current(of_room)]


def _characters(message: Message) -> int:
    """Return the size of an open message in memory: a record may be small as its text is packed."""
    return len(message.text.body) + len(message.text.html)


def forget_opened(_: object = None) -> None:
    """Empty the caches, so that this process's memory holds no deleted message."""
    forget_rendered()
    forget_entries()


def _discard_images(record: Record) -> None:
    """Discard the images that a message's own record names.

    The images' records may not name the message yet.
    """
    try:
        for kept in Message.open_images(record):
            Image.discard_kept(kept)
    except Destroyed:
        pass  # an earlier try destroyed the half, after it had discarded the images
    except CannotOpen as error:  # the deletion goes on; `bin/chat verify` reports these images
        logger.error("the images of a deleted message stay", extra={"reason": str(error)})


def _destroy_half(record: Record) -> None:
    """Destroy a message's half, so that nobody can open any copy of what it said."""
    try:
        Message.destroy_half(record)
    except CannotOpen as error:  # a damaged record names no half
        logger.error("the half of a deleted message is not known", extra={"reason": str(error)})


when_deleted(_discard_images)
when_deleted(_destroy_half)  # after the images: without the half, nobody knows which these are
when_deleted(forget_opened)
when_deleted(lambda record: Message.forget_mentions(record["_id"]))
