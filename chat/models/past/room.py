"""Open a room whose past is written, with members who have read everything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.log import Head, log_of
from chat.models.membership import cache
from chat.models.membership.roster import NEW, NO_NUMBER
from chat.models.membership.states import ENDED, LEFT, LISTED, not_listed
from chat.models.past.places import PlacesAhead
from chat.models.peers.change_notices import ChangeNotice
from chat.models.room import Room
from chat.utils.chunks import chunks_of

AT_ONCE = 500  # memberships in one insert


def open_past(
    room: Room,
    head: Head,
    roles: Mapping[Id, str],
    places: PlacesAhead,
    *,
    wrote: Collection[Id],
    others: Collection[Id],
    read_seqs: Mapping[Id, int],
    online: Collection[Id],
) -> None:
    """Open a room whose keys are made and whose log ends at `head`.

    `roles`: of its members, one of whom is an owner; in a direct room they do not matter. `wrote`:
    who of them wrote there. `others`: who left traces there; those who are no members have left,
    so that what they wrote is found when their account is erased. `read_seqs`: how far somebody
    has read who has not read all. `online`: who may be on a page now, so that running processes
    learn of it. Idempotent until the room is open.
    """
    database["memberships"].delete_many({"room_id": room.id})
    records = [
        _membership(room, user_id, role, number, read_seqs.get(user_id, head.seq))
        | {"connects": room.kind != "direct" or user_id in wrote, "place": places.take(user_id)}
        for number, (user_id, role) in enumerate(roles.items(), 1)
    ]
    left = [] if room.kind == "direct" else [_left(room, each) for each in set(others) - set(roles)]
    for some in chunks_of([*records, *left], AT_ONCE):
        database["memberships"].insert_many(some)
    counts = {"members": len(records), "head_hint": head.seq, "applied_hint": head.seq}
    if room.kind != "direct":
        owners = sum(role == "owner" for role in roles.values())
        counts |= {"owners": owners, "changes": len(records), "numbers": len(records)}
    for user_id in set(roles) & set(online):
        ChangeNotice.store("import", room_id=room.id, user_id=user_id)
    room.open(**counts)
    log_of(room.id).forget_head()
    for user_id in roles:
        cache.invalidate(room.id, user_id)


def _membership(room: Room, user_id: Id, role: str, number: int, read_seq: int) -> Record:
    is_direct = room.kind == "direct"
    joined_at: datetime = room.created_at
    return {
        "_id": new_id(),
        "room_id": room.id,
        "user_id": user_id,
        "number": 0 if is_direct else number,
        "change": 0 if is_direct else number,
        **NEW,
        "level": "all" if is_direct else NEW["level"],
        "role": "member" if is_direct else role,
        "ended": None,
        "read_seq": read_seq,
        "seen_seq": read_seq,
        "unread_mark": 0,
        "joined_at": joined_at,
        "state": LISTED,
    }


def _left(room: Room, user_id: Id) -> Record:
    """Return the membership of somebody who left the room."""
    ended = {"role": None, **not_listed(ENDED), "ended": LEFT, "number": NO_NUMBER, "change": 0}
    return _membership(room, user_id, "member", 0, 0) | {"connects": True} | ended
