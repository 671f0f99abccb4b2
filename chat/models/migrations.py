"""What brings the data of an older program up to date, at the start of this one.

Step n makes version n + 1 of version n. A step may be done again, after a crash or by another
process that starts at the same moment: it looks at what is there and changes only what is old.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne
from pymongo.errors import OperationFailure

if TYPE_CHECKING:
    from chat.models.database import Database, Record

AT_A_TIME = 100  # writes in one command, which has four seconds


def number_rooms_by_person(database: Database) -> None:
    """Gives every membership its place in its person's order of rooms: the one begun last first."""
    for user in database["users"].find({}, {"_id": 1}):
        fields = {"joined_at": 1, "place": 1}
        found = list(database["memberships"].find({"user_id": user["_id"]}, fields))
        found.sort(key=lambda record: (record["joined_at"], record["_id"]))
        _write(database, "memberships", [
            UpdateOne({"_id": record["_id"]}, {"$set": {"place": place}})
            for place, record in enumerate(found, 1) if "place" not in record
        ])
        database["users"].update_one({"_id": user["_id"]}, {"$max": {"places": len(found)}})


def name_people_for_rooms(database: Database) -> None:
    """Has what named a room (`@room`) name the people who were in it when it was said."""
    with contextlib.suppress(OperationFailure):  # another process may have dropped it
        database["mentions"].drop_index("audience_1_message_id_1")  # it was unique
    room_ids = {room["_id"] for room in database["rooms"].find({}, {"_id": 1})}
    members: dict[Any, list[Record]] = {}
    changes: list[UpdateOne] = []
    for record in list(database["mentions"].find({}, {"audience": 1, "message_id": 1})):
        named = record["audience"]
        if isinstance(named, list):
            continue
        if named in room_ids and named not in members:
            fields = {"user_id": 1, "joined_at": 1}
            members[named] = list(database["memberships"].find({"room_id": named}, fields))
        said_at = record["message_id"].generation_time
        audience = [
            member["user_id"] for member in members.get(named, ())
            if member["joined_at"].replace(microsecond=0) <= said_at
        ] if named in room_ids else [named]
        changes.append(UpdateOne({"_id": record["_id"]}, {"$set": {"audience": audience}}))
    _write(database, "mentions", changes)


def _write(database: Database, name: str, changes: list[UpdateOne]) -> None:
    for first in range(0, len(changes), AT_A_TIME):
        database[name].bulk_write(changes[first : first + AT_A_TIME])


STEPS: tuple[Callable[[Database], None], ...] = (number_rooms_by_person, name_people_for_rooms)
