"""Levels of an earlier version notify as before, and a choice made since stays."""

from __future__ import annotations

from chat.models.database import database
from chat.models.document import Id, new_id
from chat.models.migrations.levels import separate_levels
from tests.helpers.databases import IS_EMBEDDED
from tests.helpers.rooms import make_room


def stored_by_version_6(room_id: Id) -> None:
    """Give a room's memberships the three levels as version 6 stored them."""
    records = list(database["memberships"].find({"room_id": room_id}).sort("number"))
    for record, level in zip(records, ("all", "mentions", "nothing"), strict=True):
        changes = {"$set": {"notifications": level}, "$unset": {"level": ""}}
        database["memberships"].update_one({"_id": record["_id"]}, changes)


def levels_in(room_id: Id) -> list[str]:
    records = list(database["memberships"].find({"room_id": room_id}).sort("number"))
    assert not any("notifications" in record for record in records)
    return [record["level"] for record in records]


def test_levels_notify_as_before_and_later_choices_stay(own_uri: str) -> None:
    database.connect(own_uri, embedded=IS_EMBEDDED)
    harbour, direct = (make_room("alice", "bob", "carol")[0].id for _ in range(2))
    database["rooms"].update_one({"_id": direct}, {"$set": {"kind": "direct"}})
    for room_id in (harbour, direct):
        stored_by_version_6(room_id)
    separate_levels(database["meta"].database)
    assert levels_in(harbour) == ["mentions", "mentions", "nothing"]
    assert levels_in(direct) == ["all", "mentions", "nothing"]

    chosen = {"room_id": harbour, "level": "nothing"}
    database["memberships"].update_one(chosen, {"$set": {"level": "all"}})
    gone = {"_id": new_id(), "room_id": new_id(), "user_id": new_id(), "notifications": "all"}
    database["memberships"].insert_one(gone)
    separate_levels(database["meta"].database)
    assert levels_in(harbour) == ["mentions", "mentions", "all"]
    assert levels_in(gone["room_id"]) == ["mentions"]
