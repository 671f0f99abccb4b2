"""OfRoom: the memberships of one room, by page, by person and by level, and their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Self

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.membership import cache, roster
from chat.models.membership.cache import Wants
from chat.models.membership.roster import ABOVE_ALL_NUMBERS
from chat.models.membership.states import is_in
from chat.models.membership.stored import StoredMembership
from chat.models.room import Room
from chat.utils.chunks import chunks_of
from chat.utils.list_page import ListPage

CHUNK = 100  # people in one query
MOST_STEPS = 20  # ranges read for one page
# If a caller asks for so many times more people than a room has, read all of the room's people.
SPARSE = 4


class OfRoom(StoredMembership):
    def is_last_owner(self) -> bool:
        """Return whether the room's other members would be left without an owner."""
        if self.role != "owner":
            return False
        now = roster.read(self.room.id)
        return now.owners == 1 and now.members > 1

    @classmethod
    def within(cls, room: Room) -> list[Self]:
        """Return everybody's membership of a room, in the order in which they began."""
        query = {"room_id": room.id, "number": {"$gte": 0, "$lt": ABOVE_ALL_NUMBERS}}
        return cls._in_order(room, database["memberships"].find(query))

    @classmethod
    def page(cls, room: Room, after: int, limit: int) -> ListPage[Self, int]:
        """Return a page of about `limit` memberships from a cursor on.

        Memberships come in the order in which they began. Each gets a number when it begins, so a
        page is a range of numbers with two ends. People who left the room leave gaps in it.
        """
        found: list[Record] = []
        last = Room.last_number(room.id)
        for _ in range(MOST_STEPS):
            query = {"room_id": room.id, "number": {"$gte": after, "$lt": after + limit}}
            found += database["memberships"].find(query)
            after += limit
            if len(found) >= limit or after > last:
                break
        if after > last:
            return ListPage(cls._in_order(room, found), None)
        return ListPage(cls._in_order(room, found), after)

    @classmethod
    def first(cls, room: Room) -> Self | None:
        """Return the membership that the room began with, unless it has ended."""
        record = database["memberships"].find_one({"room_id": room.id, "number": 1})
        return cls.from_record(record, room) if record else None

    @classmethod
    def of_people(cls, room: Room, user_ids: Iterable[Id]) -> list[Self]:
        """Return the memberships of those people among `user_ids` who are in the room."""
        return [
            cls.from_record(record, room)
            for chunk in chunks_of(user_ids, CHUNK)
            for record in database["memberships"].find(_of_some(room.id, chunk))
            if is_in(record)
        ]

    @classmethod
    def first_of(cls, room: Room, user_ids: list[Id], limit: int) -> list[Self]:
        """Return the first `limit` memberships of these people in the room, in their order."""
        if cls.count(room.id) * SPARSE < len(user_ids):
            return cls._in_order_of(user_ids, cls.within(room))[:limit]
        found: list[Self] = []
        for chunk in chunks_of(user_ids, CHUNK):
            found += cls._in_order_of(chunk, cls.of_people(room, chunk))
            if len(found) >= limit:
                break
        return found[:limit]

    @classmethod
    def find_in(cls, room: Room, user_ids: Iterable[Id]) -> dict[Id, Self]:
        """Return the memberships of those people among `user_ids` who are in the room, by person.

        Each query reads up to 100 people whose membership is not cached.
        """
        keys = [(room.id, user_id) for user_id in user_ids]
        return {
            user_id: cls.from_record(record, room)
            for chunk in chunks_of(keys, CHUNK)
            for (_, user_id), record in cache.read_records(chunk).items()
            if is_in(record)
        }

    @staticmethod
    def among(room_id: Id, user_ids: Iterable[Id]) -> set[Id]:
        """Return the people among `user_ids` who are in a room."""
        fields = {"user_id": 1, "state": 1}
        return {
            record["user_id"]
            for chunk in chunks_of(user_ids, CHUNK)
            for record in database["memberships"].find(_of_some(room_id, chunk), fields)
            if is_in(record)
        }

    @staticmethod
    def people_in(room_id: Id) -> list[Id]:
        """Return everybody in a room."""
        query = {"room_id": room_id, "number": {"$gte": 0, "$lt": ABOVE_ALL_NUMBERS}}
        return [record["user_id"] for record in database["memberships"].find(query, {"user_id": 1})]

    @staticmethod
    def owners_of(room_ids: Sequence[Id]) -> dict[Id, list[Id]]:
        """Return the owners of each of some rooms."""
        owners: dict[Id, list[Id]] = {room_id: [] for room_id in room_ids}
        query = {"room_id": {"$in": list(room_ids)}, "role": "owner"}
        for record in database["memberships"].find(query, {"room_id": 1, "user_id": 1}):
            owners[record["room_id"]].append(record["user_id"])
        return owners

    @staticmethod
    def with_level(room_id: Id, level: str) -> list[Id]:
        """Return the people who chose this level of notifications in a room."""
        query = {"room_id": room_id, "level": level}
        records = database["memberships"].find(query, {"user_id": 1, "state": 1})
        return [record["user_id"] for record in records if is_in(record)]

    @classmethod
    def wants_in(cls, room_id: Id, who_has_keywords: Callable[[], Iterable[Id]]) -> Wants:
        """Return who in a room wants to be notified of more than mentions.

        `who_has_keywords` returns everybody of the whole chat who has some.
        If another process changed it and its notice was lost, the answer may be WANTS_SECONDS old.
        """
        found = cache.wants.get_or_load(room_id, lambda: cls._read_wants(room_id, who_has_keywords))
        assert found
        return found

    @staticmethod
    def known_wants_in(room_id: Id) -> Wants | None:
        """Return the same if this process knows it, without a query; else None."""
        return cache.wants.get(room_id)

    @staticmethod
    def forget_wants() -> None:
        """Drop what this process knows of all rooms: what a person prefers has changed."""
        cache.wants.clear()

    @staticmethod
    def count(room_id: Id) -> int:
        """Return how many people are in a room.

        If another process changed the number, the cached count may be COUNT_SECONDS old.
        """
        return cache.counts.get_or_load(room_id, lambda: Room.member_count(room_id)) or 0

    @staticmethod
    def counts(room_ids: Iterable[Id]) -> dict[Id, int]:
        """Return how many people are in each of some rooms.

        Each query reads up to 100 rooms whose count is not cached.
        """
        return cache.counts.get_or_load_many(room_ids, Room.member_counts)

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Delete all memberships of a deleted room."""
        database["memberships"].delete_many({"room_id": room_id})

    @classmethod
    def _read_wants(cls, room_id: Id, who_has_keywords: Callable[[], Iterable[Id]]) -> Wants:
        found = set(who_has_keywords())
        if found and cls.count(room_id) * SPARSE < len(found):
            found &= set(cls.people_in(room_id))
        elif found:
            found = cls.among(room_id, found)
        return Wants(frozenset(cls.with_level(room_id, "all")), frozenset(found))

    @classmethod
    def _in_order(cls, room: Room, records: Iterable[Record]) -> list[Self]:
        """Return the memberships of some records, in the order in which they began."""
        found = [cls.from_record(record, room) for record in records]
        found.sort(key=lambda membership: membership.joined_at)
        return found

    @classmethod
    def _in_order_of(cls, user_ids: Iterable[Id], memberships: list[Self]) -> list[Self]:
        """Return the memberships in the order in which `user_ids` lists their people."""
        by_person = {membership.user_id: membership for membership in memberships}
        return [by_person[user_id] for user_id in user_ids if user_id in by_person]


def _of_some(room_id: Id, user_ids: list[Id]) -> Record:
    return {"room_id": room_id, "user_id": {"$in": user_ids}}
