"""OfPerson: the memberships of one person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.membership import cache
from chat.models.membership.states import LISTED, LISTED_OR_HIDDEN, REMOVED, is_in
from chat.models.membership.stored import StoredMembership
from chat.models.room import Room
from chat.utils.chunks import chunks_of

CHUNK = 100  # rooms in one query


class OfPerson(StoredMembership):
    @classmethod
    def find(cls, room_id: Id, user_id: Id) -> Self | None:
        """Return a person's membership of a room.

        Return None when the person is not in the room, or when the room is deleted.
        """
        query = {"room_id": room_id, "user_id": user_id}
        record = cache.records.get_or_load(
            (room_id, user_id), lambda: database["memberships"].find_one(query)
        )
        if record is None or not is_in(record):
            return None
        room = Room.find(room_id)
        if room is None:
            return None
        return cls.from_record(record, room)

    @classmethod
    def find_now(cls, room_id: Id, user_id: Id) -> Self | None:
        """Return somebody's membership from the database, bypassing the cache."""
        cache.records.invalidate((room_id, user_id))
        return cls.find(room_id, user_id)

    @staticmethod
    def all_rooms_of(user_id: Id) -> list[Id]:
        """Return every room that a person is or was in."""
        records = database["memberships"].find({"user_id": user_id}, {"room_id": 1})
        return [record["room_id"] for record in records]

    @classmethod
    def find_many(cls, user_id: Id, room_ids: Iterable[Id]) -> list[Self]:
        """Return a person's memberships of some rooms, in no order.

        Each query reads up to CHUNK rooms.
        """
        moment = cls.moment()
        records: list[Record] = []
        for chunk in chunks_of(room_ids, CHUNK):
            query = {"user_id": user_id, "room_id": {"$in": chunk}}
            records += database["memberships"].find(query)
        return cls.from_records(records, moment)

    @staticmethod
    def removed_from(user_id: Id, room_ids: Iterable[Id]) -> set[Id]:
        """Return the rooms of these from which somebody removed the person."""
        found: set[Id] = set()
        for chunk in chunks_of(room_ids, CHUNK):
            query = {"user_id": user_id, "room_id": {"$in": chunk}, "ended": REMOVED}
            records = database["memberships"].find(query, {"room_id": 1})
            found.update(record["room_id"] for record in records)
        return found

    @classmethod
    def of_hidden_too(cls, user_id: Id) -> list[Self]:
        """Return a person's memberships of listed rooms and of hidden direct rooms, in no order.

        A search needs both, because people may read the messages of rooms that they hid. The cost
        grows with the number of the person's rooms.
        """
        moment = cls.moment()
        query = {"user_id": user_id, "state": LISTED_OR_HIDDEN}
        return cls.from_records(list(database["memberships"].find(query)), moment)

    @classmethod
    def from_records(cls, records: list[Record], moment: int) -> list[Self]:
        """Return the memberships of one person in existing rooms, in the order of their records.

        `moment`: the result of `moment()`, called before the records were read.
        """
        cache.records.put(
            {(record["room_id"], record["user_id"]): record for record in records}, moment
        )
        current = [record for record in records if is_in(record)]
        rooms = Room.find_many(record["room_id"] for record in current)
        return [
            cls.from_record(record, rooms[record["room_id"]])
            for record in current
            if record["room_id"] in rooms
        ]

    @staticmethod
    def moment() -> int:
        """Return the cache's moment for `from_records`; call it before reading the records."""
        return cache.records.moment()

    @staticmethod
    def room_ids_of(user_id: Id) -> tuple[Id, ...]:
        """Return the rooms in a person's list, including rooms that do not exist any more."""
        return cache.rooms_of.get_or_load(user_id, lambda: _read_room_ids(user_id)) or ()

    @staticmethod
    def forget(room_id: Id, user_id: Id) -> None:
        """Drop a membership from the caches, because another process changed it."""
        cache.invalidate(room_id, user_id)


def _read_room_ids(user_id: Id) -> tuple[Id, ...]:
    query = {"user_id": user_id, "state": LISTED}
    found = database["memberships"].find(query, {"room_id": 1})
    return tuple(record["room_id"] for record in found)
