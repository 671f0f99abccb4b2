"""A person in a room: the only way from a person to what is said there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.notice import Notice
from chat.models.role import may
from chat.models.room import Room
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Forbidden
from chat.utils.short_memory import ShortMemory

REMEMBERED = 50_000
PEOPLE_REMEMBERED = 5_000  # of whom it is known which rooms they are in
ROOMS_SECONDS = 300.0      # whoever changes it says so; this is only for what was not heard
COUNT_SECONDS = 60.0  # counting five thousand people takes the embedded database 150 ms
CHUNK = 100           # people asked for at once
MOST_STEPS = 20       # ranges looked at for one page
SPARSE = 4            # when so many times more people are looked for than a room has, the room is read instead
# level: the kinds of notifications that it lets through
LEVELS: dict[str, frozenset[str]] = {
    "all": frozenset({"mention", "direct"}),
    "mentions": frozenset({"mention"}),
    "nothing": frozenset(),
}


@dataclass(frozen=True)
class Membership:
    id: Id
    room: Room
    user_id: Id
    role: str
    read_seq: int      # as last stored; Reading knows the effective one
    seen_seq: int      # the furthest they ever read here: what others are told, whatever is marked unread since
    unread_mark: int   # the room's head when "mark unread" was last said: own posts up to it move nothing
    joined_at: datetime
    notifications: str  # one of LEVELS
    place: int | None   # in its person's order of rooms (room_order.py); None: not listed

    @classmethod
    def begin(cls, room: Room, user_id: Id, role: str, read_seq: int) -> tuple[Membership, bool]:
        """Somebody's membership of a room, and whether it began just now: whoever is in already stays as they are."""
        record = {
            "_id": new_id(), "room_id": room.id, "user_id": user_id, "role": role, "number": room.next_number(),
            "place": User.take_place(user_id), "read_seq": read_seq, "seen_seq": 0, "unread_mark": 0,
            "joined_at": now(), "notifications": "all",
        }
        Notice.leave("member", room_id=room.id, user_id=user_id)
        try:
            database["memberships"].insert_one(record)
        except DuplicateKeyError:
            kept = database["memberships"].find_one({"room_id": room.id, "user_id": user_id})
            return (_from(kept, room), False) if kept else cls.begin(room, user_id, role, read_seq)
        _forget(room.id, user_id)
        _rooms_of.forget(user_id)
        _count(room.id, 1)
        return _from(record, room), True

    @classmethod
    def find(cls, room_id: Id, user_id: Id) -> Membership | None:
        """Somebody's membership of a room that is there."""
        query = {"room_id": room_id, "user_id": user_id}
        record = _remembered.recall((room_id, user_id), lambda: database["memberships"].find_one(query))
        room = Room.find(room_id) if record else None
        return _from(record, room) if record and room else None

    @classmethod
    def find_now(cls, room_id: Id, user_id: Id) -> Membership | None:
        """As the database has it now, whatever was remembered."""
        _forget(room_id, user_id)
        return cls.find(room_id, user_id)

    @classmethod
    def look_again(cls, room_id: Id, user_id: Id) -> Membership | None:
        """The same, after somebody came into the room or left it."""
        _count(room_id, 0)
        return cls.find_now(room_id, user_id)

    @classmethod
    def find_many(cls, user_id: Id, room_ids: Iterable[Id]) -> list[Membership]:
        """Somebody's memberships of some rooms, in no order; one query a hundred rooms."""
        ids, moment = list(room_ids), _remembered.moment()
        chunks = [ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK)]
        queries = [{"user_id": user_id, "room_id": {"$in": chunk}} for chunk in chunks]
        return cls.from_records(
            [record for each in queries for record in database["memberships"].find(each)], moment
        )

    @classmethod
    def of(cls, user_id: Id) -> list[Membership]:
        """All of a person's memberships, in no order. For a search: it costs as much as they have rooms."""
        moment = _remembered.moment()
        return cls.from_records(list(database["memberships"].find({"user_id": user_id})), moment)

    @classmethod
    def from_records(cls, records: list[Record], moment: int) -> list[Membership]:
        """Return the memberships that one person has of rooms that are there, in the same order.

        `moment`: that of _remembered before they were read.
        """
        _remembered.keep({(record["room_id"], record["user_id"]): record for record in records}, moment)
        rooms = Room.find_many(record["room_id"] for record in records)
        return [_from(record, rooms[record["room_id"]]) for record in records if record["room_id"] in rooms]

    @staticmethod
    def moment() -> int:
        """Return what `from_records` wants to know; to be taken before reading."""
        return _remembered.moment()

    @staticmethod
    def room_ids_of(user_id: Id) -> tuple[Id, ...]:
        """Return the rooms somebody is in, whether or not those are still there."""
        return _rooms_of.recall(user_id, lambda: _read_room_ids(user_id)) or ()

    @classmethod
    def within(cls, room: Room) -> list[Membership]:
        """Everybody's membership of a room, in the order in which they began."""
        records = database["memberships"].find({"room_id": room.id})
        return sorted((_from(record, room) for record in records), key=lambda membership: membership.joined_at)

    @classmethod
    def page(cls, room: Room, after: int, limit: int) -> tuple[list[Membership], int | None]:
        """About `limit` memberships in the order in which they began, from a cursor on, and the cursor to go on from.

        Memberships are numbered as they begin, so a page is a range with two ends; who left has left a gap in it.
        """
        found: list[Membership] = []
        last = room.last_number()
        for _ in range(MOST_STEPS):
            query = {"room_id": room.id, "number": {"$gte": after, "$lt": after + limit}}
            found += [_from(record, room) for record in database["memberships"].find(query)]
            after += limit
            if len(found) >= limit or after > last:
                break
        return sorted(found, key=lambda membership: membership.joined_at), after if after <= last else None

    @classmethod
    def of_people(cls, room: Room, user_ids: Iterable[Id]) -> list[Membership]:
        """The memberships that some people have of a room."""
        ids = list(user_ids)
        chunks = [ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK)]
        query = [{"room_id": room.id, "user_id": {"$in": chunk}} for chunk in chunks]
        return [_from(record, room) for each in query for record in database["memberships"].find(each)]

    @classmethod
    def first_of(cls, room: Room, user_ids: list[Id], limit: int) -> list[Membership]:
        """The first `limit` of these people who are in a room, in this order."""
        is_sparse = cls.count(room.id) * SPARSE < len(user_ids)
        there = {membership.user_id: membership for membership in cls.within(room)} if is_sparse else {}
        found: list[Membership] = []
        for first in range(0, len(user_ids), CHUNK):
            chunk = user_ids[first : first + CHUNK]
            if not is_sparse:
                there = {membership.user_id: membership for membership in cls.of_people(room, chunk)}
            found += [there[user_id] for user_id in chunk if user_id in there]
            if len(found) >= limit:
                break
        return found[:limit]

    @staticmethod
    def forget(room_id: Id, user_id: Id) -> None:
        """Another process changed it: what was remembered is not so any more."""
        _forget(room_id, user_id)
        _rooms_of.forget(user_id)
        _count(room_id, 0)

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Everybody's, of a room that is gone."""
        database["memberships"].delete_many({"room_id": room_id})

    @classmethod
    def among(cls, room_id: Id, user_ids: Iterable[Id]) -> set[Id]:
        """Those of these people who are in a room."""
        ids, found = list(user_ids), set[Id]()
        for first in range(0, len(ids), CHUNK):
            query = {"room_id": room_id, "user_id": {"$in": ids[first : first + CHUNK]}}
            found |= {record["user_id"] for record in database["memberships"].find(query, {"user_id": 1})}
        return found

    @staticmethod
    def people_in(room_id: Id) -> list[Id]:
        """Return everybody in a room."""
        return [record["user_id"] for record in database["memberships"].find({"room_id": room_id}, {"user_id": 1})]

    @classmethod
    def with_level(cls, room_id: Id, level: str) -> list[Id]:
        """The people who chose this level of notifications in a room."""
        query = {"room_id": room_id, "notifications": level}
        return [record["user_id"] for record in database["memberships"].find(query, {"user_id": 1})]

    @classmethod
    def owners(cls, room: Room) -> list[Membership]:
        """The memberships of a room's owners."""
        return [_from(record, room) for record in database["memberships"].find({"room_id": room.id, "role": "owner"})]

    @classmethod
    def count(cls, room_id: Id) -> int:
        """How many people are in a room; at most COUNT_SECONDS old where another process changed it."""
        return _counts.recall(room_id, lambda: database["memberships"].count_documents({"room_id": room_id})) or 0

    @staticmethod
    def counts(room_ids: Iterable[Id]) -> dict[Id, int]:
        """Return how many people are in each of some rooms; one query for all that are not remembered."""
        return _counts.recall_many(room_ids, _read_counts)

    def must(self, verb: str) -> Membership:
        """Itself, when its role in this room allows the verb. Raises Forbidden."""
        if self.may(verb):
            return self
        if self.room.kind == "direct":
            raise Forbidden("This cannot be done in a direct room.")
        if self.room.archived_at and may(self.role, verb):
            raise Forbidden("This room is archived.")
        raise Forbidden(f"Your role in this room, {self.role}, does not allow this.")

    def may(self, verb: str) -> bool:
        return may(self.role, verb, archived=self.room.archived_at is not None, direct=self.room.kind == "direct")

    def end(self) -> None:
        Notice.leave("member", room_id=self.room.id, user_id=self.user_id)
        gone = database["memberships"].delete_one({"_id": self.id})
        _forget(self.room.id, self.user_id)
        _rooms_of.forget(self.user_id)
        _count(self.room.id, -gone.deleted_count)

    def change_role(self, role: str) -> Membership:
        self._set({"role": role})
        return replace(self, role=role)

    def advance_read_seq(self, read_seq: int) -> bool:
        """Moves `read_seq` on; never back, whoever else moves it at this moment. Whether it moved."""
        changed = database["memberships"].update_one(
            {"_id": self.id, "read_seq": {"$lt": read_seq}}, {"$set": {"read_seq": read_seq}, "$max": {"seen_seq": read_seq}}
        )
        _forget(self.room.id, self.user_id)
        return bool(changed.matched_count)

    def change_read_seq(self, read_seq: int, unread_mark: int) -> Membership:
        changes = {"$set": {"read_seq": read_seq, "unread_mark": unread_mark}, "$max": {"seen_seq": read_seq}}
        database["memberships"].update_one({"_id": self.id}, changes)
        _forget(self.room.id, self.user_id)
        return replace(self, read_seq=read_seq, seen_seq=max(self.seen_seq, read_seq), unread_mark=unread_mark)

    def move_to_front(self) -> None:
        """Gives it the first place in its person's order of rooms, unless it has moved meanwhile."""
        place = User.take_place(self.user_id)
        database["memberships"].update_one({"_id": self.id, "place": self.place}, {"$set": {"place": place}})
        _forget(self.room.id, self.user_id)

    def change_notifications(self, level: str) -> Membership:
        self._set({"notifications": level})
        return replace(self, notifications=level)

    def wants(self, kind: str) -> bool:
        """Whether its person wants notifications of this kind."""
        return kind in LEVELS[self.notifications]

    def _set(self, changes: Record) -> None:
        database["memberships"].update_one({"_id": self.id}, {"$set": changes})
        _forget(self.room.id, self.user_id)


def _read_many(keys: list[tuple[Id, Id]]) -> dict[tuple[Id, Id], Record]:
    """Of one room."""
    query = {"room_id": keys[0][0], "user_id": {"$in": [user_id for _, user_id in keys]}}
    return {(record["room_id"], record["user_id"]): record for record in database["memberships"].find(query)}


_remembered: ShortMemory[tuple[Id, Id], Record] = ShortMemory(
    REMEMBERED, seconds_left=database.seconds_left, read_many=_read_many, group=lambda key: key[0]
)
_rooms_of: ShortMemory[Id, tuple[Id, ...]] = ShortMemory(PEOPLE_REMEMBERED, ROOMS_SECONDS, database.seconds_left)
_counts: ShortMemory[Id, int] = ShortMemory(REMEMBERED, COUNT_SECONDS, database.seconds_left)


def _read_room_ids(user_id: Id) -> tuple[Id, ...]:
    query = {"user_id": user_id}
    return tuple(record["room_id"] for record in database["memberships"].find(query, {"room_id": 1}))


def _read_counts(room_ids: list[Id]) -> dict[Id, int]:
    stages: list[Record] = [{"$match": {"room_id": {"$in": room_ids}}}, {"$group": {"_id": "$room_id", "count": {"$sum": 1}}}]
    return {record["_id"]: record["count"] for record in database["memberships"].aggregate(stages)}


def _forget(room_id: Id, user_id: Id) -> None:
    _remembered.forget((room_id, user_id))


def _count(room_id: Id, change: int) -> None:
    """What is remembered of a count moves along; only small rooms are counted anew, which costs nothing."""
    known = _counts.peek(room_id)
    _counts.forget(room_id)
    if known and known > CHUNK:
        _counts.keep({room_id: known + change}, _counts.moment())


def _from(record: Record, room: Room) -> Membership:
    return Membership(
        record["_id"], room, record["user_id"], record["role"], record["read_seq"], record["seen_seq"], record["unread_mark"],
        record["joined_at"], record["notifications"], record.get("place"),
    )
