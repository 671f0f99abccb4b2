"""Circles: the people with whom somebody shares a room.

People in a person's circle may do more to that person without asking than strangers may. A direct
room counts for a person only when that person wrote in it. Otherwise anybody could join a person's
circle by opening a direct room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chat.models.database import database, seconds_left
from chat.models.document import Id
from chat.models.membership.states import LISTED, LISTED_OR_HIDDEN
from chat.utils.chunks import chunks_of
from chat.utils.ttl_cache import TtlCache

MOST_CACHED = 5_000
SECONDS = 10.0
CHUNK = 50  # how many people's rooms one query reads


@dataclass(frozen=True)
class Circle:
    """The rooms that decide who is in a person's circle.

    `rooms`: the rooms in the person's list, and the rooms that the person hid. `listed`: only the
    rooms in the list. `connecting`: the listed rooms that the person joined or wrote in.
    """

    rooms: frozenset[Id] = frozenset()
    listed: frozenset[Id] = frozenset()
    connecting: frozenset[Id] = frozenset()


def strangers(person_id: Id, others: Iterable[Id]) -> set[Id]:
    """Return the people among `others` who are strangers to `person_id`, from the database."""
    ids = set(others) - {person_id}
    circles = _read({person_id} | ids)
    mine = circles[person_id].rooms
    return {other for other in ids if not mine & circles[other].connecting}


def in_sight_of(person_id: Id, others: Iterable[Id]) -> set[Id]:
    """Return the people among `others` whom `person_id` sees in a room.

    The answer comes from a cache up to SECONDS old.
    """
    ids = set(others)
    circles = _cache.get_or_load_many({person_id} | ids, _read)
    mine = circles[person_id].rooms
    return {other for other in ids if other == person_id or mine & circles[other].listed}


def _read(user_ids: Iterable[Id]) -> Mapping[Id, Circle]:
    ids = list(user_ids)
    found: dict[Id, list[tuple[Id, str, bool]]] = {user_id: [] for user_id in ids}
    fields = {"_id": 0, "user_id": 1, "room_id": 1, "state": 1, "connects": 1}
    for chunk in chunks_of(ids, CHUNK):
        query = {"user_id": {"$in": chunk}, "state": LISTED_OR_HIDDEN}
        for record in database["memberships"].find(query, fields):
            room = (record["room_id"], record["state"], record["connects"])
            found[record["user_id"]].append(room)
    return {user_id: _circle(rooms) for user_id, rooms in found.items()}


def _circle(rooms: list[tuple[Id, str, bool]]) -> Circle:
    listed = [(room_id, connects) for room_id, state, connects in rooms if state == LISTED]
    return Circle(
        frozenset(room_id for room_id, _, _ in rooms),
        frozenset(room_id for room_id, _ in listed),
        frozenset(room_id for room_id, connects in listed if connects),
    )


_cache: TtlCache[Id, Circle] = TtlCache(MOST_CACHED, SECONDS, seconds_left)
