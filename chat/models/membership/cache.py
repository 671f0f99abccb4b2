"""Caches: memberships, each person's rooms, a room's number of members and what they want."""

from __future__ import annotations

from typing import NamedTuple

from chat.models.database import Record, database, seconds_left
from chat.models.document import Id
from chat.models.membership import roster
from chat.utils.ttl_cache import TtlCache

MOST_CACHED = 50_000
PEOPLE_CACHED = 5_000  # people whose lists of rooms are cached
ROOMS_SECONDS = 300.0  # a change invalidates the cache at once, unless its notice is lost
COUNT_SECONDS = 60.0  # how long a cached count is used although another process changed it
WANTS_SECONDS = 60.0  # likewise, of who wants more than mentions


class Wants(NamedTuple):
    """Who in a room wants to be notified of more than mentions."""

    every_message: frozenset[Id]
    keywords: frozenset[Id]


def _read_many(keys: list[tuple[Id, Id]]) -> dict[tuple[Id, Id], Record]:
    """Return membership records by key, which is (room, person). All keys have the same room."""
    query = {"room_id": keys[0][0], "user_id": {"$in": [user_id for _, user_id in keys]}}
    return {
        (record["room_id"], record["user_id"]): record
        for record in database["memberships"].find(query)
    }


records: TtlCache[tuple[Id, Id], Record] = TtlCache(
    MOST_CACHED, seconds_left=seconds_left, read_many=_read_many, group=lambda key: key[0]
)
rooms_of: TtlCache[Id, tuple[Id, ...]] = TtlCache(PEOPLE_CACHED, ROOMS_SECONDS, seconds_left)
wants: TtlCache[Id, Wants] = TtlCache(MOST_CACHED, WANTS_SECONDS, seconds_left)
counts: TtlCache[Id, int] = TtlCache(MOST_CACHED, COUNT_SECONDS, seconds_left)


def read_records(keys: list[tuple[Id, Id]]) -> dict[tuple[Id, Id], Record]:
    """Return the records of some (room, person) of one room; one query reads the uncached ones."""
    return records.get_or_load_many(keys, _read_many)


def invalidate(room_id: Id, user_id: Id) -> None:
    """Invalidate everything that depends on whether and how somebody is in a room."""
    records.invalidate((room_id, user_id))
    rooms_of.invalidate(user_id)
    counts.invalidate(room_id)
    wants.invalidate(room_id)


roster.when_changed(invalidate)
