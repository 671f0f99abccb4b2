"""A message as it is now: its fields, opened from the records of the room's log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Self

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.halves import Destroyed
from chat.models.log import LARGEST_CACHED, POSTED, CachedRecord, heads_of, log_of
from chat.models.log.folding import tombstone
from chat.models.message.mentioning import Mentioning
from chat.models.message.sealed import Sealed
from chat.models.message.text import NO_TEXT, Text
from chat.models.user import User
from chat.utils.plain_text import excerpt_of
from chat.utils.time_slices import in_time_slices

OPENED_AT_A_TIME = 8  # messages; after so many, other work on the loop may run


@dataclass(frozen=True)
class Reply:
    """The message that another message answers, as it is now.

    The excerpt of a deleted message is empty.
    """

    id: Id
    seq: int
    author: User
    excerpt: str
    deleted_at: datetime | None


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenMessage(Sealed, Mentioning):
    """A message of a room's log, opened. Subclasses add the actions of people."""

    id: Id
    room_id: Id
    seq: int
    client_id: str
    author: User
    text: Text
    images: list[dict[str, Any]]  # as Image.as_reference returns them
    reply_to: Reply | None
    mentions: list[Id]  # the people whom the message names
    mentions_room: bool  # whether the message names everybody in the room
    reactions: list[tuple[str, list[Id]]]
    version: int  # the seq of its last change
    created_at: datetime
    edited_at: datetime | None
    pinned_at: datetime | None
    deleted_at: datetime | None
    # A cache of values computed from the message: function -> value.
    made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

    @staticmethod
    def room_of(message_id: Id) -> Id | None:
        """Return the room that a message is in."""
        record = database["log"].find_one({"_id": message_id}, {"room_id": 1, "event": 1})
        if record is None or record["event"] != POSTED:
            return None
        room_id: Id = record["room_id"]
        return room_id

    @staticmethod
    def rooms_of(message_ids: list[Id]) -> set[Id]:
        """Return the rooms that some messages are in."""
        return {record["room_id"] for record in database.find_by_ids("log", message_ids, "room_id")}

    @staticmethod
    def rooms_by_id(message_ids: list[Id]) -> dict[Id, Id]:
        """Return the room of each message among `message_ids`; changes of messages have no room."""
        records = database.find_by_ids("log", message_ids, "room_id", "event")
        return {record["_id"]: record["room_id"] for record in records if record["event"] == POSTED}

    @classmethod
    def find(cls, message_id: Id) -> Self | None:
        """Return a message as it is now. Raises CannotOpen."""
        record = database["log"].find_one({"_id": message_id})
        if record is None or record["event"] != POSTED:
            return None
        return cls.from_records([log_of(record["room_id"]).apply(message_id, record)])[0]

    @classmethod
    def find_each(cls, message_ids: list[Id], *, alone: bool = False) -> Iterator[Self]:
        """Yield the existing messages among `message_ids`, in that order, as they are now.

        They may be in any rooms. Each is opened when the caller asks for it. `alone`: as for
        `heads_of`. Raises CannotOpen.
        """
        found = {
            record["_id"]: record for record in database["log"].find({"_id": {"$in": message_ids}})
        }
        # Read the heads, so that `_current` folds in all changes up to these heads.
        heads_of({record["room_id"] for record in found.values()}, alone=alone)
        yield from cls.opening(
            _current(found[message_id] for message_id in message_ids if message_id in found)
        )

    @classmethod
    def from_records(cls, records: list[Record]) -> list[Self]:
        """Return the messages of posted entries, opened, as of their rooms' heads.

        Raises CannotOpen.
        """
        return list(cls.opening(_current(records)))

    @classmethod
    def opening(cls, records: list[Record]) -> Iterator[Self]:
        """Yield the messages of current records, each opened when the caller asks for it.

        So no message is opened after a caller has enough. Raises CannotOpen.
        """
        authors = User.find_many(record["author_id"] for record in records)
        replies = cls._replies(records)
        for record in in_time_slices(records, OPENED_AT_A_TIME):
            author = authors[record["author_id"]]
            reply_to = replies.get(record.get("reply_to_id"))
            if not isinstance(record, CachedRecord):
                yield cls._open(record, author, reply_to)
                continue
            opened = record.opened
            if opened is None or opened[0] != (author, reply_to):
                message = cls._open(record, author, reply_to)
                opened = ((author, reply_to), message)
                if _characters(message) <= LARGEST_CACHED:
                    record.opened = opened
            yield opened[1]

    @classmethod
    def _open(cls, record: Record, author: User, reply_to: Reply | None) -> Self:
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
            # The message is deleted. Its record does not say so yet, or comes from a backup older
            # than the deletion.
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
    ) -> Self:
        return cls(
            id=record["_id"],
            room_id=record["room_id"],
            seq=record["seq"],
            client_id=record["client_id"],
            author=text.app.as_author(author) if text.app else author,
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
            record["_id"]: cls._reply(record, authors[record["author_id"]])
            for record in in_time_slices(found, OPENED_AT_A_TIME)
        }

    @classmethod
    def _reply(cls, record: Record, author: User) -> Reply:
        deleted_at = record.get("deleted_at")
        if deleted_at is None and cls.is_gone(record):  # deleted, but the record does not say so
            deleted_at = record["created_at"]
        try:
            text = cls.open_text(record)
        except Destroyed:
            text = NO_TEXT
        excerpt = excerpt_of(text.html, text.body)
        author = text.app.as_author(author) if text.app else author
        return Reply(record["_id"], record["seq"], author, excerpt, deleted_at)


def _current(records: Iterable[Record]) -> list[Record]:
    by_room = groupby(records, key=itemgetter("room_id"))
    return [current for room_id, of_room in by_room for current in log_of(room_id).current(of_room)]


def _characters(message: OpenMessage) -> int:
    """Return the size of an open message. Its record may be smaller, because its text is packed."""
    return len(message.text.body) + len(message.text.html)
