"""Folding: compute a message's record after its changes, without a query or decryption."""

from __future__ import annotations

from datetime import datetime

from chat.models.database import Record
from chat.models.floor import Floor

POSTED = "message:posted"
EDITED = "message:edited"
DELETED = "message:deleted"
REACTED = "message:reacted"
PINNED = "message:pinned"

STAYS_OF_DELETED = (
    "_id",
    "room_id",
    "event",
    "seq",
    "ordinal",
    "author_id",
    "client_id",
    "created_at",
)
# A deletion removes these fields from the changes before it.
TEXTS_OF_CHANGES = (
    "text",
    "mentions",
    "mentions_room",
    "reaction",
)


def fold(record: Record, changes: list[Record]) -> Record:
    """Return a message's record after the next changes, in the order of `seq`.

    The arguments stay unchanged.
    """
    if not changes:
        return record
    effective = changes
    # Skip the changes before a deletion: it removes their texts, and may have done so already.
    deletion = next((change for change in changes if change["event"] == DELETED), None)
    if deletion:
        effective = [deletion]
    for change in effective:
        if "deleted_at" not in record:
            record = _FOLDS[change["event"]](record, change)
    return {**record, "applied_seq": changes[-1]["seq"]}


def _edited(record: Record, change: Record) -> Record:
    """Return an edited record. `original` keeps the first text: the log has all later texts."""
    return {
        **record,
        "text": change["text"],
        "mentions": change["mentions"],
        "mentions_room": change.get("mentions_room", False),
        "original": record.get("original", record["text"]),
        "edited_at": change["created_at"],
    }


def _deleted(record: Record, change: Record) -> Record:
    return tombstone(record, change["created_at"]) | {"deleted_by": change["author_id"]}


def tombstone(record: Record, deleted_at: datetime) -> Record:
    """Return the tombstone of a posted entry."""
    return {name: record[name] for name in STAYS_OF_DELETED} | {"deleted_at": deleted_at}


def without_gone(record: Record, floor: Floor) -> Record:
    """Return a current posted entry; its tombstone if the message is below the room's floor."""
    if "deleted_at" in record or not floor.hides(record):
        return record
    gone = tombstone(record, floor.at or record["created_at"])
    return gone | {"applied_seq": record["applied_seq"]}


def _reacted(record: Record, change: Record) -> Record:
    """Return a record with a reaction added or removed.

    `reactions`: [{key, emoji (sealed), user_ids}], in the order in which people first used them.
    """
    key = change["reaction"]["key"]
    user_id = change["author_id"]
    reactions = []
    for reaction in record.get("reactions", ()):
        if reaction["key"] == key:
            user_ids = [other for other in reaction["user_ids"] if other != user_id]
            if change["on"]:
                user_ids.append(user_id)
            reaction = {**reaction, "user_ids": user_ids}
        reactions.append(reaction)
    if change["on"] and all(reaction["key"] != key for reaction in reactions):
        reactions.append({**change["reaction"], "user_ids": [user_id]})
    return {**record, "reactions": [reaction for reaction in reactions if reaction["user_ids"]]}


def _pinned(record: Record, change: Record) -> Record:
    return {**record, "pinned_at": change["created_at"] if change["on"] else None}


_FOLDS = {EDITED: _edited, DELETED: _deleted, REACTED: _reacted, PINNED: _pinned}
