"""What a backup contains: every collection, except those of LEFT_OUT.

Rooms are copied one by one, with what BY_ROOM names. Everything else is small, and is copied whole
afterwards. What changed meanwhile is newer than the rooms, so `fitted` makes it fit them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bson import Int64

from chat.models.database import Record
from chat.models.document import Id

LEFT_OUT = {
    "notices": "what running processes tell each other, for an hour",
    "presences": "who is connected now",
    "active_rooms": "where people write now",
    "postings": "the search index, which jobs make again from the log",
    "indexed_rooms": "how far that index is",
    "push_deliveries": "notifications on their way: nobody wants them later",
    "sent_forms": "forms sent twice within an hour",
    "exports": "files that people asked for, for a day",
    "command_calls": "answers that programs owe within half an hour",
    "webhook_deliveries": "tries of a week; what is left to deliver is in `outgoing_webhooks`",
}
BY_ROOM = ("log", "memberships", "rooms", "lines", "images")
WITH_THEIR_OWNERS = ("mentions", "pictures.files", "pictures.chunks", "avatars", "audit")
# Copied last, in this order: what the rest refers to is there, and deletions are known.
LAST = ("users", "keys", "roots", "halves", "graves", "meta")
APART = {*LEFT_OUT, *BY_ROOM, *WITH_THEIR_OWNERS, *LAST}
RECOUNTED_AT = datetime(2001, 1, 1, tzinfo=UTC)  # a counter of then is recounted at once


@dataclass
class Copied:
    """What a backup copied so far. `heads`: room -> the last entry that was copied.

    `began_at`: whatever was acknowledged before is in the backup.
    """

    began_at: datetime
    heads: dict[Id, int] = field(default_factory=dict)
    avatars: set[Id] = field(default_factory=set)
    people: set[Id] = field(default_factory=set)
    audit_seq: int = 0

    def belongs(self, record: Record) -> bool:
        """Return whether a record is not of a room that is newer than the backup."""
        room_id = record.get("room_id")
        return (
            not isinstance(room_id, Id)
            or room_id in self.heads
            or room_id.generation_time < self.began_at
        )

    def has_owner(self, key: Record) -> bool:
        """Return whether a key is not of a room or person who is newer than the backup."""
        return self.belongs(key) or key["room_id"] in self.people


def fitted(name: str, record: Record, copied: Copied) -> Record:
    """Return a record without what is newer than the copies of the rooms."""
    if name == "outgoing_webhooks":
        return record | {"after": _at_most(record["after"], copied.heads.get(record["room_id"], 0))}
    if name == "usage":
        return record | {"counted": False, "changed_at": RECOUNTED_AT}
    if name == "users" and record.get("avatar_id") not in {None, *copied.avatars}:
        return record | {"avatar_id": None}
    if name == "meta" and record["_id"] == "audit":
        return record | {"seq": _at_most(record["seq"], copied.audit_seq)}
    return record


def fitted_to_room(name: str, record: Record, head_seq: int) -> Record:
    """Return a record of a room without what is newer than the copy of the room's log."""
    if name == "memberships":
        seqs = ("read_seq", "seen_seq", "unread_mark")
        return record | {
            seq: _at_most(record[seq], head_seq) for seq in seqs if record.get(seq) is not None
        }
    if name == "lines":
        return record | {"seq": _at_most(record["seq"], head_seq)}
    if name == "images" and (record.get("seq") or 0) > head_seq:
        return record | {"claim": None, "message_id": None, "seq": None, "posted_at": None}
    return record


def _at_most(seq: int, last: int) -> Int64:
    return Int64(min(seq, last))
