"""From data of version 2 to that of version 3: rooms count their members and owners (roster.py).

The step may be interrupted and repeated. Several processes may take it at once, and the first of
them may serve already: so it changes only records that lack what it adds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import OperationFailure

Record = dict[str, Any]

CHUNK = 200  # records written at once


def count_members(data: Database[Record]) -> None:
    """Have every room's record count its members and owners (roster.py).

    The room's record comes last: until then nobody decides about its members.
    """
    for room in data["rooms"].find({}, {"kind": 1, "changes": 1, "numbers": 1}):
        if "changes" not in room:
            _count_members_of(data, room)
    try:
        data["memberships"].drop_index("room_id_1_role_1")
        data["memberships"].drop_index("user_id_1_room_id_1")
    except OperationFailure:  # no such index: another process did it
        pass


def _count_members_of(data: Database[Record], room: Record) -> None:
    fields = {"user_id": 1, "role": 1, "joined_at": 1, "change": 1}
    members = list(data["memberships"].find({"room_id": room["_id"]}, fields))
    owners = [member for member in members if member["role"] == "owner"]
    if members and not owners and room["kind"] != "direct":
        first = min(members, key=lambda each: (each["role"] != "moderator", each["joined_at"]))
        first["role"], owners = "owner", [first]
    new = [member for member in members if "change" not in member]
    for chunk in _chunks([UpdateOne(
        {"_id": member["_id"], "change": {"$exists": False}},
        {"$set": {"role": member["role"], "state": "listed", "ended": None, "change": 0}},
    ) for member in new]):
        data["memberships"].bulk_write(chunk, ordered=False)
    counts = {
        "members": len(members), "owners": len(owners), "changes": 0,
        "numbers": room.get("numbers", 0), "pending": None,
    }
    data["rooms"].update_one({"_id": room["_id"], "changes": {"$exists": False}}, {"$set": counts})


def _chunks(writes: list[UpdateOne]) -> Iterator[list[UpdateOne]]:
    for first in range(0, len(writes), CHUNK):
        yield writes[first : first + CHUNK]
