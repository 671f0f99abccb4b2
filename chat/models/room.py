"""A room where people talk: public, private, or direct between a few people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pymongo.errors import DuplicateKeyError

from chat.models.damaged import readable, whole
from chat.models.database import Record, database, seconds_left
from chat.models.document import Id, new_id
from chat.models.floor import NO_FLOOR, Floor
from chat.models.key_ring import key_ring
from chat.models.name_ranges import END, public_rooms
from chat.models.retention import UNCHOSEN, Retention
from chat.models.room_topic import open_topic, seal_topic
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.folding import fold_name
from chat.utils.name_keys import name_key_of
from chat.utils.ttl_cache import TtlCache

KINDS = ("public", "private", "direct")
MOST_PEOPLE_IN_A_DIRECT_ROOM = 8
ROOMS_CACHED = 10_000
LONGEST_LIST = 100


@dataclass(frozen=True)
class Room:
    """A room, immutable. A direct room has no name of its own."""

    id: Id
    kind: str
    name: str
    sealed_topic: bytes | None
    archived_at: datetime | None
    created_at: datetime
    people: tuple[Id, ...] = ()  # of a direct room, which never change; empty for other rooms
    created_by: Id | None = None  # unknown of direct rooms, and of rooms of earlier versions
    floor: Floor = NO_FLOOR
    # How long it keeps messages, as its owner or an administrator chose: retention.py
    retention: Retention = UNCHOSEN

    @classmethod
    def prepare(
        cls,
        kind: str,
        name: str,
        topic: str,
        room_id: Id | None = None,
        *,
        created_by: Id | None = None,
    ) -> Room:
        """Make the keys of a new room and return the room, which does not exist until `open`."""
        room_id = room_id or new_id()
        key_ring.make(room_id)
        sealed_topic = seal_topic(room_id, topic)
        return cls(room_id, kind, name, sealed_topic, None, now(), created_by=created_by)

    def open(self, **roster: object) -> None:
        """Store the room. `roster`: the counts of its members; without counts it is empty."""
        people_key = _people_key(self.people) if self.people else str(self.id)
        database["rooms"].insert_one(self._record(people_key) | roster)

    @classmethod
    def find_direct(cls, people: set[Id]) -> Room | None:
        """Return the direct room of exactly these people, if there is one."""
        record = database["rooms"].find_one({"people_key": _people_key(people)})
        return room_from(record) if record else None

    @classmethod
    def direct(cls, people: set[Id]) -> tuple[Room, bool]:
        """Return the one direct room of exactly these people, and whether this call created it.

        The caller adds the members in either case, because an earlier call may have failed before
        it added them.
        """
        if there := cls.find_direct(people):
            return there, False
        in_order = tuple(sorted(people))
        people_key = _people_key(in_order)
        room = cls(new_id(), "direct", "", None, None, now(), in_order)
        key_ring.make(room.id)
        try:
            database["rooms"].insert_one(room._record(people_key) | {"members": len(people)})
        except DuplicateKeyError:  # another of these people created the room first
            return cls.direct(people)[0], False
        return room, True

    @classmethod
    def find(cls, room_id: Id) -> Room | None:
        return _cache.get_or_load(room_id, lambda: _read(room_id))

    @classmethod
    def find_many(cls, room_ids: Iterable[Id]) -> dict[Id, Room]:
        """Return the existing rooms among `room_ids`, by id.

        Each query reads up to 100 rooms that are not cached.
        """
        return _cache.get_or_load_many(room_ids, _read_many)

    @classmethod
    def find_now(cls, room_id: Id) -> Room | None:
        """Return the room from the database, bypassing the cache."""
        cls.forget(room_id)
        return cls.find(room_id)

    @staticmethod
    def forget(room_id: Id) -> None:
        """Drop a room from the cache, because a process changed or deleted it."""
        _cache.invalidate(room_id)

    @staticmethod
    def all_ids() -> list[Id]:
        """Return the ids of all rooms, for operators."""
        return [record["_id"] for record in database["rooms"].find({}, {"_id": 1})]

    @staticmethod
    def count_of(shelf: str) -> int:
        """Return how many rooms are on a shelf: "public", "private", "direct" or "archived"."""
        return database["rooms"].count_documents({"shelf": shelf})

    @classmethod
    def named(cls, name: str) -> list[Room]:
        """Return the rooms with this name, ignoring case."""
        key = fold_name(name)
        rooms = _from_many(
            database["rooms"].find({"name_key": {"$gte": f"{key}\0", "$lt": f"{key}\1"}})
        )
        return [room for room in rooms if room.name.casefold() == name.casefold()]

    @classmethod
    def browse(cls, beginning: str, after: str) -> list[Room]:
        """Return public rooms whose name has this beginning, by name, from the key `after` on.

        Return at most LONGEST_LIST + 1 rooms, one more than a page shows.
        """
        key = fold_name(beginning)
        return _from_many(islice(public_rooms(max(key, after), key + END), LONGEST_LIST + 1))

    def others(self, user_id: Id | None, users: Mapping[Id, User]) -> list[User]:
        """Return the people of a direct room except `user_id`; `user_id` if there are no others."""
        others = [other for other in self.people if other != user_id] or self.people
        return [users[other] for other in others if other in users]

    def name_for(self, user_id: Id | None, users: Mapping[Id, User]) -> str:
        """Return the room's name for `user_id`. A direct room is named after the other people."""
        return self.name or ", ".join(user.label for user in self.others(user_id, users))

    @staticmethod
    def member_count(room_id: Id) -> int:
        """Return how many people are in a room, from the database."""
        record = database["rooms"].find_one({"_id": room_id}, {"members": 1}) or {}
        return int(record.get("members", 0))

    @staticmethod
    def member_counts(room_ids: Sequence[Id]) -> dict[Id, int]:
        """Return how many people are in each of some rooms, from the database."""
        records = database.find_by_ids("rooms", room_ids, "members")
        return {record["_id"]: record["members"] for record in records}

    @staticmethod
    def last_number(room_id: Id) -> int:
        """Return the last number that the room gave a membership, for `Membership.page`."""
        record = database["rooms"].find_one({"_id": room_id}, {"numbers": 1}) or {}
        return int(record.get("numbers", 0))

    @property
    def topic(self) -> str:
        """Open and return the room's topic, which most callers do not need."""
        return open_topic(self.id, self.sealed_topic)

    @property
    def name_key(self) -> str:
        return name_key_of(self.name, self.id)

    def _record(self, people_key: str) -> Record:
        return {
            "_id": self.id,
            "kind": self.kind,
            "name": self.name,
            "name_key": self.name_key,
            "topic": self.sealed_topic,
            "people_key": people_key,
            "shelf": shelf_of(self.kind, self.archived_at),
            "archived_at": self.archived_at,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "members": 0,
            "owners": 0,
            "changes": 0,
            "numbers": 0,
            "pending": None,  # roster.py
        }


def _people_key(people: Iterable[Id]) -> str:
    return " ".join(sorted(str(person) for person in people))


def shelf_of(kind: str, archived_at: datetime | None) -> str:
    """Return the room's shelf: "archived", or its kind. People browse the shelf "public"."""
    if archived_at:
        return "archived"
    return kind


def _read(room_id: Id) -> Room | None:
    record = database["rooms"].find_one({"_id": room_id})
    return room_from(record) if record else None


def _read_many(room_ids: list[Id]) -> dict[Id, Room]:
    return {room.id: room for room in _from_many(database.find_by_ids("rooms", room_ids))}


_cache: TtlCache[Id, Room] = TtlCache(ROOMS_CACHED, seconds_left=seconds_left, read_many=_read_many)


def _from_many(records: Iterable[Record]) -> list[Room]:
    found = list(records)
    key_ring.load(record["_id"] for record in found if record.get("topic"))
    return list(readable("rooms", found, _room_from))


def room_from(record: Record) -> Room:
    """Return the room of a record in `rooms`. Raises Damaged."""
    return whole("rooms", record, _room_from)


def _room_from(record: Record) -> Room:
    people: tuple[Id, ...] = ()
    if record["kind"] == "direct":
        people = tuple(map(Id, record["people_key"].split()))
    return Room(
        record["_id"],
        record["kind"],
        record["name"],
        record["topic"],
        record["archived_at"],
        record["created_at"],
        people,
        record.get("created_by"),
        Floor.of(record),
        Retention.of(record),
    )
