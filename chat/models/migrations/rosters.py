"""Migrate data of version 2 to version 3: rooms count their members and owners (roster.py).

The step is idempotent, and may be interrupted. Several processes may run it at once, and the first
of them may already serve clients. So the step changes only records that lack the new fields.
"""

from __future__ import annotations

from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from chat.models.migrations.dropping import drop_index
from chat.utils.chunks import chunks_of

Record = dict[str, Any]

CHUNK = 200  # records written at once
ENTRIES = 1_000  # entries of a log that one query reads


def count_members(data: Database[Record]) -> None:
    """Make every room's record count its members and owners, and give memberships a state.

    The room's record is written last: before then no process decides about its members.
    """
    for room in data["rooms"].find({}, {"kind": 1, "changes": 1, "numbers": 1}):
        if "changes" not in room:
            _count_members_of(data, room)
    drop_index(data["memberships"], "room_id_1_role_1")
    drop_index(data["memberships"], "user_id_1_room_id_1")


def _count_members_of(data: Database[Record], room: Record) -> None:
    fields = {"user_id": 1, "role": 1, "joined_at": 1, "change": 1}
    members = list(data["memberships"].find({"room_id": room["_id"]}, fields))
    owners = [member for member in members if member["role"] == "owner"]
    if members and not owners and room["kind"] != "direct":
        oldest = min(members, key=lambda each: (each["role"] != "moderator", each["joined_at"]))
        oldest["role"] = "owner"
        owners = [oldest]
    connected = {member["user_id"] for member in members}
    state = "listed"
    if room["kind"] == "direct":
        connected = _authors(data, room["_id"], connected)
        if not connected:
            state = "unsaid"
    writes = [
        UpdateOne(
            {"_id": member["_id"], "change": {"$exists": False}},
            {
                "$set": {
                    "role": member["role"],
                    "state": state,
                    "ended": None,
                    "change": 0,
                    "connects": member["user_id"] in connected,
                }
            },
        )
        for member in members
        if "change" not in member
    ]
    for chunk in chunks_of(writes, CHUNK):
        data["memberships"].bulk_write(chunk, ordered=False)
    counts = {
        "members": len(members),
        "owners": len(owners),
        "changes": 0,
        "numbers": room.get("numbers", 0),
        "pending": None,
    }
    data["rooms"].update_one({"_id": room["_id"], "changes": {"$exists": False}}, {"$set": counts})


def _authors(data: Database[Record], room_id: object, people: set[Any]) -> set[Any]:
    """Return the people among `people` who wrote in a room.

    The room's log has no gaps, so an empty range is the end of the log.
    """
    authors: set[Any] = set()
    first = 1
    while not people <= authors:
        query = {"room_id": room_id, "seq": {"$gte": first, "$lt": first + ENTRIES}}
        entries = data["log"].find(query, {"_id": 0, "author_id": 1})
        found = {entry["author_id"] for entry in entries}
        if not found:
            break
        authors |= found
        first += ENTRIES
    return authors
