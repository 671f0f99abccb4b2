"""Migrate lists of rooms, which get an order, and mentions of a whole room, which name its people.

Each step is idempotent, and may be interrupted. Several processes may run a step at once, and the
first of them may already serve clients. So a step changes only records of the older program.
"""

from __future__ import annotations

from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from chat.models.migrations.dropping import drop_index
from chat.utils.chunks import chunks_of

Record = dict[str, Any]
Data = Database[Record]

CHUNK = 100  # records written at once
OLD_INDEX = "audience_1_message_id_1"  # the index of mentions, which was unique


def number_rooms_by_person(data: Data) -> None:
    """Give every listed membership its place in its person's list, the latest membership first.

    The place of every other membership is None.
    """
    data["users"].update_many({"places": {"$exists": False}}, {"$set": {"places": 0}})
    people = {record["user_id"] for record in data["memberships"].find({}, {"user_id": 1})}
    for user_id in people:
        fields = {"joined_at": 1, "state": 1, "place": 1}
        found = list(data["memberships"].find({"user_id": user_id}, fields))
        found.sort(key=lambda record: (record["joined_at"], record["_id"]))
        listed = [record for record in found if record.get("state") == "listed"]
        places = {record["_id"]: place for place, record in enumerate(listed, 1)}
        _write(
            data,
            "memberships",
            [
                UpdateOne(
                    {"_id": record["_id"], "place": {"$exists": False}},
                    {"$set": {"place": places.get(record["_id"])}},
                )
                for record in found
                if "place" not in record
            ],
        )
        last = max([len(listed), *(record.get("place") or 0 for record in found)])
        data["users"].update_one({"_id": user_id}, {"$max": {"places": last}})


def name_people_for_rooms(data: Data) -> None:
    """Make each `@room` mention name the people who were in the room when it was posted."""
    if data["mentions"].index_information().get(OLD_INDEX, {}).get("unique"):
        drop_index(data["mentions"], OLD_INDEX)
    room_ids = {room["_id"] for room in data["rooms"].find({}, {"_id": 1})}
    members: dict[Any, list[Record]] = {}
    changes: list[UpdateOne] = []
    for record in list(data["mentions"].find({}, {"audience": 1, "message_id": 1})):
        named = record["audience"]
        if isinstance(named, list):
            continue
        audience = [named]
        if named in room_ids:
            if named not in members:
                members[named] = _members_of(data, named)
            posted_at = record["message_id"].generation_time
            audience = [
                member["user_id"]
                for member in members[named]
                if member["joined_at"].replace(microsecond=0) <= posted_at
            ]
        changes.append(UpdateOne({"_id": record["_id"]}, {"$set": {"audience": audience}}))
    _write(data, "mentions", changes)


def _members_of(data: Data, room_id: object) -> list[Record]:
    """Return the memberships of the people who are in a room now."""
    fields = {"user_id": 1, "joined_at": 1, "state": 1}
    found = data["memberships"].find({"room_id": room_id}, fields)
    return [record for record in found if record.get("state") != "ended"]


def _write(data: Data, name: str, changes: list[UpdateOne]) -> None:
    for chunk in chunks_of(changes, CHUNK):
        data[name].bulk_write(chunk)
