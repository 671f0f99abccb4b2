"""Change a room's name, topic, kind and retention, archive it and unarchive it."""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.retention import Retention
from chat.models.room import Room, shelf_of
from chat.models.room_topic import seal_topic
from chat.utils.clock import now
from chat.utils.name_keys import name_key_of


def change(
    room: Room,
    *,
    name: str | None = None,
    topic: str | None = None,
    kind: str | None = None,
    archived: bool | None = None,
) -> Room:
    """Change the fields that are not None, and return the room.

    This overwrites no concurrent change of another field.
    """
    changes: Record = {}
    if topic is not None:
        changes["topic"] = seal_topic(room.id, topic)
    if name is not None:
        changes |= {"name": name, "name_key": name_key_of(name, room.id)}
    if kind is not None or archived is not None:
        _move(room, kind, archived, changes)
    elif changes:
        database["rooms"].update_one({"_id": room.id}, {"$set": changes})
    return Room.find_now(room.id) or room


def choose_retention(room: Room, retention: Retention) -> Room:
    """Store for how long a room keeps its messages, and return the room."""
    chosen = {"retention_days": retention.days, "retention_is_exempt": retention.is_exempt}
    database["rooms"].update_one({"_id": room.id}, {"$set": chosen})
    return Room.find_now(room.id) or room


def _move(room: Room, kind: str | None, archived: bool | None, changes: Record) -> None:
    """Move a room to another shelf, and store `changes` with it.

    The shelf follows from the kind and the archiving together. So this writes only where both are
    still as it read them, and otherwise reads them again.
    """
    while as_read := Room.find_now(room.id):
        archived_at = as_read.archived_at
        if archived is not None:
            archived_at = (archived_at or now()) if archived else None
        new_kind = kind or as_read.kind
        moved = {
            "kind": new_kind,
            "archived_at": archived_at,
            "shelf": shelf_of(new_kind, archived_at),
        }
        query = {"_id": room.id, "kind": as_read.kind, "archived_at": as_read.archived_at}
        stored = database["rooms"].update_one(query, {"$set": changes | moved})
        if stored.matched_count:
            return
