"""Room lines: what happened to a room and to its people, to be shown among its messages.

A line has no number of its own in the room's log, so it changes no `seq`, no ordinal and no count.
Its `seq` is that of the entry after which it stands: the room's head when it happened. Pins are
entries of the log already, so `between` reads them there, and nothing stores them twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import orjson
from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.key_ring import key_ring
from chat.models.log import PINNED as PIN
from chat.models.log import log_of
from chat.models.pins import MOST_PINS
from chat.utils.clock import now
from chat.utils.encryption import padded

JOINED = "joined"
ADDED = "added"
LEFT = "left"
REMOVED = "removed"
RENAMED = "renamed"
TOPIC = "topic"
PUBLIC = "public"
PRIVATE = "private"
ARCHIVED = "archived"
UNARCHIVED = "unarchived"
OWNER = "owner"
PINNED = "pinned"
NAME = "name"  # `actor_id` has another display name
WEBHOOK = "webhook"  # an outgoing one of `actor_id` was switched off, because it failed
RETENTION = "retention"  # `text`: after how many days messages are deleted; empty: as in the chat
EXPORTED = "exported"  # `actor_id` asked for a file of the room
KINDS = (
    JOINED,
    ADDED,
    LEFT,
    REMOVED,
    RENAMED,
    TOPIC,
    PUBLIC,
    PRIVATE,
    ARCHIVED,
    UNARCHIVED,
    OWNER,
    PINNED,
    NAME,
    WEBHOOK,
    RETENTION,
    EXPORTED,
)
MOST_LINES = 100  # of a page, its newest
# So many changes contain as many pins as a page may show: each unpinning follows a pin, except for
# messages that were pinned before.
MOST_PIN_CHANGES = 2 * MOST_LINES + MOST_PINS
PIN_FIELDS = (
    "room_id",
    "seq",
    "event",
    "on",
    "author_id",
    "created_at",
    "message_id",
    "message_seq",
)
NO_END = 2**62  # above every seq
STEP = 64  # bytes; texts are padded to a multiple of it before they are sealed


@dataclass(frozen=True)
class RoomLine:
    """A line. `user_id`: whom `actor_id` added, removed or made owner.

    `text`: the new name (of the room or the actor) or topic, or a webhook's name; `earlier`: the
    name before. `message_id`,
    `message_seq`: of the pinned message.
    """

    id: Id
    room_id: Id
    seq: int
    kind: str
    actor_id: Id
    at: datetime
    user_id: Id | None = None
    text: str = ""
    earlier: str = ""
    message_id: Id | None = None
    message_seq: int | None = None

    @classmethod
    def note(
        cls,
        room_id: Id,
        kind: str,
        actor_id: Id,
        user_id: Id | None = None,
        *,
        text: str = "",
        earlier: str = "",
        line_id: Id | None = None,
    ) -> Self:
        """Store a line after the room's newest entry, and return the line.

        `line_id`: of a line that may be stored already, which is returned then.
        """
        seq, its_id = log_of(room_id).head().seq, line_id or new_id()
        line = cls(its_id, room_id, seq, kind, actor_id, now(), user_id, text, earlier)
        try:
            database["lines"].insert_one(line._record())
        except DuplicateKeyError:
            stored = database["lines"].find_one({"_id": its_id})
            return cls._from_record(stored) if stored else line
        return line

    @classmethod
    def between(cls, room_id: Id, first: int, end: int = NO_END) -> list[Self]:
        """Return the lines after an entry from `first` on, before `end`, in order.

        These are the MOST_LINES newest ones, if there are more. Raises CannotOpen.
        """
        query = {"room_id": room_id, "seq": {"$gte": first, "$lt": end}}
        records = database["lines"].find(query).sort([("seq", -1), ("_id", -1)]).limit(MOST_LINES)
        lines = [*map(cls._from_record, records), *cls._pins_between(room_id, first, end)]
        return sorted(lines, key=cls.order)[-MOST_LINES:]

    @classmethod
    def all_between(cls, room_id: Id, first: int, end: int) -> list[Self]:
        """Return all lines after an entry from `first` on, before `end`, in order.

        For ranges of some hundred entries. Raises CannotOpen.
        """
        query = {"room_id": room_id, "seq": {"$gte": first, "$lt": end}}
        stored = map(cls._from_record, database["lines"].find(query))
        entries = log_of(room_id).entries(first - 1, end - 1, PIN_FIELDS)
        pins = (entry for entry in entries if entry["event"] == PIN and entry["on"])
        return sorted([*stored, *map(cls._from_entry, pins)], key=cls.order)

    @classmethod
    def of_pin(cls, room_id: Id, seq: int) -> Self | None:
        """Return the line of the log's entry `seq`, if the entry pins a message."""
        entry = database["log"].find_one({"room_id": room_id, "seq": seq}) or {}
        return cls._from_entry(entry) if entry.get("event") == PIN and entry["on"] else None

    @staticmethod
    def destroy(room_id: Id) -> None:
        """Delete a deleted room's lines."""
        database["lines"].delete_many({"room_id": room_id})

    def order(self) -> tuple[int, datetime, Id]:
        """Return the key by which lines are sorted."""
        return self.seq, self.at, self.id

    @classmethod
    def _pins_between(cls, room_id: Id, first: int, end: int) -> Iterable[Self]:
        log = log_of(room_id)
        low = log.ordinal_at(first - 1)
        high = NO_END if end == NO_END else log.ordinal_at(end - 1)
        entries = log.newest_of_kind(PIN, low, high, MOST_PIN_CHANGES)
        pins = [entry for entry in entries if entry["on"] and first <= entry["seq"] < end]
        return map(cls._from_entry, pins)

    @classmethod
    def _from_entry(cls, entry: Record) -> Self:
        return cls(
            entry["_id"],
            entry["room_id"],
            entry["seq"],
            PINNED,
            entry["author_id"],
            entry["created_at"],
            message_id=entry["message_id"],
            message_seq=entry["message_seq"],
        )

    @classmethod
    def _from_record(cls, record: Record) -> Self:
        texts = _open(record)
        return cls(
            record["_id"],
            record["room_id"],
            record["seq"],
            record["kind"],
            record["actor_id"],
            record["at"],
            record["user_id"],
            texts.get("text", ""),
            texts.get("earlier", ""),
        )

    def _record(self) -> Record:
        return {
            "_id": self.id,
            "room_id": self.room_id,
            "seq": self.seq,
            "kind": self.kind,
            "actor_id": self.actor_id,
            "at": self.at,
            "user_id": self.user_id,
            "texts": self._seal(),
        }

    def _seal(self) -> bytes | None:
        """Seal what people wrote, with its length rounded up. Return None if there is nothing."""
        if not self.text and not self.earlier:
            return None
        texts = orjson.dumps({"text": self.text, "earlier": self.earlier})
        return key_ring.of(self.room_id).data.seal(padded(texts, STEP), _place(self.id))


def _open(record: Record) -> dict[str, str]:
    if record["texts"] is None:
        return {}
    opened = key_ring.of(record["room_id"]).open(record["texts"], _place(record["_id"]))
    texts: dict[str, str] = orjson.loads(opened.rstrip(b"\0"))
    return texts


def _place(line_id: Id) -> str:
    return f"{line_id}/line"
