"""Deleted rooms: nobody can read them any more, and a job deletes the data that is left of them.

The collection `graves` has a record of each deleted room until no data of the room is left.
"""

from __future__ import annotations

from chat.models.database import database
from chat.models.document import Id
from chat.models.key_ring import key_ring
from chat.models.room import Room
from chat.utils.clock import now


def delete(room_id: Id) -> None:
    """Delete a room by destroying its keys, so that nobody can read its messages.

    The record in `graves` is written first, so that a job finishes the deletion after a crash.
    """
    database["graves"].update_one({"_id": room_id}, {"$set": {"at": now()}}, upsert=True)
    key_ring.destroy(room_id)
    database["rooms"].delete_one({"_id": room_id})
    Room.forget(room_id)


def unfinished() -> list[Id]:
    """Return the deleted rooms of which something may be left."""
    return [record["_id"] for record in database["graves"].find({}, {"_id": 1})]


def finish_deletion(room_id: Id) -> None:
    """Delete the last records of a deleted room, when nothing else is left of it."""
    key_ring.destroy(room_id)
    database["rooms"].delete_one({"_id": room_id})
    database["graves"].delete_one({"_id": room_id})
