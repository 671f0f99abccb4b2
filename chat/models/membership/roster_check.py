"""Check a room's counts of members and owners against its memberships, for `bin/chat verify`."""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.membership.roster import ABOVE_ALL_NUMBERS, LEFT_BEHIND, MOST_TRIES
from chat.utils.clock import now


def problems(room_id: Id) -> list[str]:
    """Return a sentence for each error in a room's counts. Change nothing."""
    for _ in range(MOST_TRIES):
        room = database["rooms"].find_one({"_id": room_id})
        if room is None or room["kind"] == "direct":
            return []
        if "pending" not in room:
            return [f"room {room_id}: the record of its members is damaged"]
        if room["pending"] and room["pending"]["at"] < now() - LEFT_BEHIND:
            return [f"room {room_id}: a change of its members is not finished"]
        there = {"room_id": room_id, "number": {"$gte": 0, "$lt": ABOVE_ALL_NUMBERS}}
        roles = [record["role"] for record in database["memberships"].find(there, {"role": 1})]
        same = database["rooms"].find_one({"_id": room_id, "changes": room["changes"]}, {"_id": 1})
        if same and not room["pending"]:  # nobody changed the roster during the count
            return _miscounts(room, len(roles), roles.count("owner"))
    return []


def _miscounts(room: Record, members: int, owners: int) -> list[str]:
    if (room["members"], room["owners"]) == (members, owners):
        return []
    counted = f"{room['members']} members and {room['owners']} owners are counted"
    return [f"room {room['_id']}: {counted}, but there are {members} and {owners}"]
