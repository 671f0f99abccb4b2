"""The names of public rooms: no two public rooms look alike by name.

A record for each look of a name says which room has it. Its unique id decides between people who
choose a name at the same time. It precedes its room by some seconds; later it counts only as long
as the room is public and looks so. So a crash leaves no name taken.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.room import Room
from chat.utils.clock import now
from chat.utils.errors import Conflict
from chat.utils.lookalikes import skeletons
from chat.utils.sentences import N_
from chat.utils.translation import _

AHEAD = timedelta(minutes=1)  # in which a name is taken without its room
TRIES = 5  # attempts to take a name that a room has given up, against others who try the same
SIGNS = "#+"  # belong to a name: C, C# and C++ are three rooms

TAKEN = N_("There is a public room called “{name}” already. Choose another name.")
ALIKE = N_("The name looks like that of another public room, “{name}”. Choose another name.")


def looks_of(name: str) -> list[str]:
    """Return what the name of a room looks like: names with a common look are taken for another."""
    signs = "".join(sign for sign in name if sign in SIGNS)
    return [f"{skeleton} {signs}".rstrip() for skeleton in skeletons(name)]


def take(room_id: Id, name: str) -> None:
    """Take a name for a public room. Raises Conflict if another public room looks so."""
    taken: list[str] = []
    try:
        for look in looks_of(name):
            _take(room_id, name, look)
            taken.append(look)
    except Conflict:
        _release(room_id, taken)
        raise


def is_free(name: str) -> bool:
    """Return whether `take` would give a new public room this name now; take nothing."""
    for look in looks_of(name):
        there = database["public_names"].find_one({"_id": look})
        try:
            if there:
                _must_be_over(there, name)
        except Conflict:
            return False
    return True


def release_unused(room: Room) -> None:
    """Release the names that a room does not have any more."""
    kept = set(looks_of(room.name)) if room.kind == "public" else set()
    query = {"room_id": room.id}
    taken = {each["_id"] for each in database["public_names"].find(query)}
    _release(room.id, taken - kept)


def release(room_id: Id) -> None:
    """Release the names of a deleted room."""
    database["public_names"].delete_many({"room_id": room_id})


def take_all() -> None:
    """Take the names of all public rooms, the oldest first; of rooms alike, only the oldest has it.

    For rooms that are older than this rule. They keep their names.
    """
    database["public_names"].delete_many({})
    for room in sorted(Room.find_many(Room.all_ids()).values(), key=lambda each: each.id):
        if room.kind != "public":
            continue
        try:
            take(room.id, room.name)
        except Conflict:
            continue


def _take(room_id: Id, name: str, look: str) -> None:
    for _try in range(TRIES):
        try:
            record = {"_id": look, "room_id": room_id, "at": now()}
            database["public_names"].insert_one(record)
            return
        except DuplicateKeyError:
            there = database["public_names"].find_one({"_id": look})
        if there is None:
            continue
        if there["room_id"] == room_id:
            return
        _must_be_over(there, name)
        _release(there["room_id"], [look])
    raise Conflict


def _must_be_over(there: Record, name: str) -> None:
    """Raise Conflict unless a room has given up the name."""
    room = Room.find_now(there["room_id"])
    if room and room.kind == "public" and there["_id"] in looks_of(room.name):
        is_same = room.name.casefold() == name.casefold()
        sentence = _(TAKEN if is_same else ALIKE, name=room.name)
        raise Conflict(sentence, fields={"name": sentence})
    if room is None and now() - there["at"] < AHEAD:
        sentence = _(TAKEN, name=name)
        raise Conflict(sentence, fields={"name": sentence})


def _release(room_id: Id, looks: Collection[str]) -> None:
    for look in looks:
        database["public_names"].delete_one({"_id": look, "room_id": room_id})
