"""A membership: a person in a room. Only through it does a person reach the room's messages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from chat.models import roster
from chat.models.database import Record, database
from chat.models.database.deadline import seconds_left
from chat.models.document import Id, new_id
from chat.models.notice import ChangeNotice
from chat.models.role import PERMISSIONS, may
from chat.models.room import Room
from chat.models.roster import MOST_PLACES, NO_PLACE, Roster
from chat.models.user import User
from chat.utils.clock import now
from chat.utils.errors import Forbidden, NotFound
from chat.utils.ttl_cache import TtlCache

REMEMBERED = 50_000
PEOPLE_REMEMBERED = 5_000  # people whose lists of rooms are cached
ROOMS_SECONDS = 300.0  # a change invalidates the cache; this covers notices that got lost
COUNT_SECONDS = 60.0  # how long a cached count is used although another process changed it
CHUNK = 100  # people or rooms in one query
MOST_STEPS = 20  # ranges read for one page
# When somebody looks for this many times more people than a room has, read the whole room instead.
SPARSE = 4
# state of a membership. LISTED: its room is in its person's list. HIDDEN: a direct room that they
# hid. UNSAID: a direct room that somebody else opened and in which nobody posted yet. ENDED: they
# are not in the room any more.
LISTED, HIDDEN, UNSAID, ENDED = "listed", "hidden", "unsaid", "ended"
LISTED_OR_HIDDEN = {"$gte": HIDDEN, "$lte": LISTED}  # neither of the other two sorts between them
# why it ended
LEFT, REMOVED = "left", "removed"
# level: the kinds of notifications that it allows
LEVELS: dict[str, frozenset[str]] = {
    "all": frozenset({"mention", "direct"}),
    "mentions": frozenset({"mention"}),
    "nothing": frozenset(),
}


@dataclass(frozen=True)
class Decision:
    """A room's people at the moment of a decision: what was read earlier may be out of date."""

    roster: Roster

    @classmethod
    def now(cls, room_id: Id) -> Decision:
        """Read the roster now, for a check that does not change it. Raises NotFound."""
        return cls(roster.read(room_id))

    def member(self, user_id: Id) -> Membership:
        """Return somebody's membership. Raises NotFound."""
        record = self.roster.record(user_id)
        if record is None or not _is_in(record):
            raise NotFound("There is no such room.")
        return _from(record, self.roster.room)

    def why_ended(self, user_id: Id) -> str | None:
        """Return LEFT or REMOVED; None for somebody who is in the room, or never was."""
        record = self.roster.record(user_id)
        return record["ended"] if record else None

    @property
    def room(self) -> Room:
        return self.roster.room


Allow = Callable[[Decision], object]  # raises what forbids it


@dataclass(frozen=True)
class Membership:
    id: Id
    room: Room
    user_id: Id
    role: str
    read_seq: int  # as last stored; Reading knows the effective one
    seen_seq: int  # the furthest they ever read: read receipts show it, "mark unread" or not
    # The room's head at the last "mark unread": own posts up to it do not count as reading.
    unread_mark: int
    joined_at: datetime
    notifications: str  # one of LEVELS
    state: str  # LISTED, HIDDEN or UNSAID
    connects: bool  # False in a direct room that its person never wrote in: see circle.py
    place: int | None  # in its person's order of rooms (room_order.py); None: not LISTED

    @classmethod
    def found(cls, room: Room, user_id: Id) -> Membership:
        """Open a prepared room. Return the membership of its first member, who owns it."""
        first = _beginning("owner", 0) | _listed(user_id)
        return _from(roster.found(room, user_id, first), room)

    @classmethod
    def begin(
        cls, room: Room, user_id: Id, role: str, read_seq: int, allow: Allow = lambda _: None
    ) -> tuple[Membership, bool]:
        """Return somebody's membership of a room, and whether it began now.

        Somebody who is in already keeps their membership. The first member of a room owns it.
        `allow` may raise. Raises NotFound when the room is gone.
        """

        def decide(now: Roster, record: Record | None) -> Record | None:
            if _is_in(record):
                return None
            allow(Decision(now))
            return _beginning(role if now.members else "owner", read_seq) | _listed(user_id)

        record, began = roster.change(room.id, user_id, decide)
        assert record
        return _from(record, room), began

    @staticmethod
    def begin_direct(room: Room, user_id: Id) -> None:
        """Create somebody's membership of a direct room, unlisted until somebody posts there."""
        record = {
            "_id": new_id(),
            "room_id": room.id,
            "user_id": user_id,
            "number": 0,
            "change": 0,
            **roster.NEW,
            **_beginning("member", 0),
            **_not_listed(UNSAID),
            "connects": False,
        }
        with contextlib.suppress(DuplicateKeyError):
            database["memberships"].insert_one(record)
        _changed(room.id, user_id)

    @classmethod
    def find(cls, room_id: Id, user_id: Id) -> Membership | None:
        """Return somebody's membership of a room; None when they are not in it or it is gone."""
        query = {"room_id": room_id, "user_id": user_id}
        record = _remembered.get_or_load(
            (room_id, user_id), lambda: database["memberships"].find_one(query)
        )
        room = Room.find(room_id) if _is_in(record) else None
        return _from(record, room) if record and room else None

    @classmethod
    def find_now(cls, room_id: Id, user_id: Id) -> Membership | None:
        """Return somebody's membership from the database, bypassing the cache."""
        _forget(room_id, user_id)
        return cls.find(room_id, user_id)

    @classmethod
    def look_again(cls, room_id: Id, user_id: Id) -> Membership | None:
        """Return the same, after somebody entered or left the room."""
        _changed(room_id, user_id)
        return cls.find(room_id, user_id)

    @classmethod
    def find_many(cls, user_id: Id, room_ids: Iterable[Id]) -> list[Membership]:
        """Return somebody's memberships of some rooms, in no order; one query for CHUNK rooms."""
        ids, moment = list(room_ids), _remembered.moment()
        chunks = [ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK)]
        queries = [{"user_id": user_id, "room_id": {"$in": chunk}} for chunk in chunks]
        return cls.from_records(
            [record for each in queries for record in database["memberships"].find(each)], moment
        )

    @classmethod
    def of_hidden_too(cls, user_id: Id) -> list[Membership]:
        """Return a person's memberships of listed rooms and of hidden direct rooms, in no order.

        For a search: people may read the messages of rooms that they hid. The cost grows with
        the number of their rooms.
        """
        moment, query = _remembered.moment(), {"user_id": user_id, "state": LISTED_OR_HIDDEN}
        return cls.from_records(list(database["memberships"].find(query)), moment)

    @classmethod
    def from_records(cls, records: list[Record], moment: int) -> list[Membership]:
        """Return the memberships of one person in existing rooms, in the order of their records.

        `moment`: what `moment()` returned before the caller read the records.
        """
        _remembered.put(
            {(record["room_id"], record["user_id"]): record for record in records}, moment
        )
        current = [record for record in records if _is_in(record)]
        rooms = Room.find_many(record["room_id"] for record in current)
        return [
            _from(record, rooms[record["room_id"]])
            for record in current
            if record["room_id"] in rooms
        ]

    @staticmethod
    def moment() -> int:
        """Return the cache's moment for `from_records`; call it before reading the records."""
        return _remembered.moment()

    @staticmethod
    def room_ids_of(user_id: Id) -> tuple[Id, ...]:
        """Return the rooms in somebody's list, whether or not those still exist."""
        return _rooms_of.get_or_load(user_id, lambda: _read_room_ids(user_id)) or ()

    @classmethod
    def within(cls, room: Room) -> list[Membership]:
        """Return everybody's membership of a room, in the order in which they began."""
        query = {"room_id": room.id, "number": {"$gte": 0, "$lt": MOST_PLACES}}
        records = database["memberships"].find(query)
        return sorted(
            (_from(record, room) for record in records), key=lambda membership: membership.joined_at
        )

    @classmethod
    def page(cls, room: Room, after: int, limit: int) -> tuple[list[Membership], int | None]:
        """Return about `limit` memberships from a cursor on, and the cursor of the next page.

        Memberships come in the order in which they began. Each gets a number when it begins, so
        a page is a range with two ends; people who left leave gaps in it.
        """
        found: list[Membership] = []
        last = Room.last_number(room.id)
        for _ in range(MOST_STEPS):
            query = {"room_id": room.id, "number": {"$gte": after, "$lt": after + limit}}
            found += [_from(record, room) for record in database["memberships"].find(query)]
            after += limit
            if len(found) >= limit or after > last:
                break
        return sorted(
            found, key=lambda membership: membership.joined_at
        ), after if after <= last else None

    @classmethod
    def of_people(cls, room: Room, user_ids: Iterable[Id]) -> list[Membership]:
        """Return the memberships that some people have of a room."""
        ids = list(user_ids)
        chunks = [ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK)]
        query = [{"room_id": room.id, "user_id": {"$in": chunk}} for chunk in chunks]
        records = (record for each in query for record in database["memberships"].find(each))
        return [_from(record, room) for record in records if _is_in(record)]

    @classmethod
    def first_of(cls, room: Room, user_ids: list[Id], limit: int) -> list[Membership]:
        """Return memberships of the first `limit` of these people who are in a room, in order."""
        is_sparse = cls.count(room.id) * SPARSE < len(user_ids)
        there = (
            {membership.user_id: membership for membership in cls.within(room)} if is_sparse else {}
        )
        found: list[Membership] = []
        for first in range(0, len(user_ids), CHUNK):
            chunk = user_ids[first : first + CHUNK]
            if not is_sparse:
                there = {
                    membership.user_id: membership for membership in cls.of_people(room, chunk)
                }
            found += [there[user_id] for user_id in chunk if user_id in there]
            if len(found) >= limit:
                break
        return found[:limit]

    @staticmethod
    def forget(room_id: Id, user_id: Id) -> None:
        """Drop a membership from the caches: another process changed it."""
        _changed(room_id, user_id)

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Delete all memberships of a deleted room."""
        database["memberships"].delete_many({"room_id": room_id})

    @classmethod
    def among(cls, room_id: Id, user_ids: Iterable[Id]) -> set[Id]:
        """Return those of these people who are in a room."""
        ids, found = list(user_ids), set[Id]()
        for first in range(0, len(ids), CHUNK):
            query = {"room_id": room_id, "user_id": {"$in": ids[first : first + CHUNK]}}
            records = database["memberships"].find(query, {"user_id": 1, "state": 1})
            found |= {record["user_id"] for record in records if _is_in(record)}
        return found

    @staticmethod
    def people_in(room_id: Id) -> list[Id]:
        """Return everybody in a room."""
        query = {"room_id": room_id, "number": {"$gte": 0, "$lt": MOST_PLACES}}
        return [record["user_id"] for record in database["memberships"].find(query, {"user_id": 1})]

    @classmethod
    def with_level(cls, room_id: Id, level: str) -> list[Id]:
        """Return the people who chose this level of notifications in a room."""
        query = {"room_id": room_id, "notifications": level}
        records = database["memberships"].find(query, {"user_id": 1, "state": 1})
        return [record["user_id"] for record in records if _is_in(record)]

    @classmethod
    def count(cls, room_id: Id) -> int:
        """Return how many people are in a room.

        After another process changed it, the cached count may be COUNT_SECONDS old.
        """
        return _counts.get_or_load(room_id, lambda: Room.member_count(room_id)) or 0

    @property
    def is_listed(self) -> bool:
        """Return whether the room is in its person's list: `GET /rooms`, `hello`, the sidebar."""
        return self.state == LISTED

    @staticmethod
    def counts(room_ids: Iterable[Id]) -> dict[Id, int]:
        """Return how many people are in each of some rooms; one query for 100 uncached rooms."""
        return _counts.get_or_load_many(room_ids, Room.member_counts)

    def must(self, verb: str) -> Membership:
        """Return itself when its role in this room allows the verb. Raises Forbidden."""
        if self.may(verb):
            return self
        if self.room.kind == "direct":
            raise Forbidden("This cannot be done in a direct room.")
        if not PERMISSIONS[verb].in_others:
            raise Forbidden("This can be done in a direct room only.")
        if self.room.archived_at and may(self.role, verb):
            raise Forbidden("This room is archived.")
        raise Forbidden(f"Your role in this room, {self.role}, does not allow this.")

    def may(self, verb: str) -> bool:
        return may(
            self.role,
            verb,
            archived=self.room.archived_at is not None,
            direct=self.room.kind == "direct",
        )

    def end(self, why: str = LEFT, allow: Allow = lambda _: None) -> bool:
        """End it. Return whether it ended now. `allow` may raise.

        Raises Conflict when others would be left without an owner.
        """

        def decide(now: Roster, record: Record | None) -> Record | None:
            if not _is_in(record):
                return None
            allow(Decision(now))
            return {"role": None, **_not_listed(ENDED), "ended": why, "number": NO_PLACE}

        return roster.change(self.room.id, self.user_id, decide)[1]

    def change_role(self, role: str, allow: Allow = lambda _: None) -> Membership:
        """Return it with another role. `allow` may raise. Raises NotFound, Conflict."""

        def decide(now: Roster, record: Record | None) -> Record | None:
            allow(Decision(now))
            member = Decision(now).member(self.user_id)
            return {"role": role} if member.role != role else None

        record, _ = roster.change(self.room.id, self.user_id, decide)
        assert record
        return _from(record, self.room)

    def advance_read_seq(self, read_seq: int) -> bool:
        """Move `read_seq` forward, never back, concurrent calls or not. Return whether it moved."""
        changed = database["memberships"].update_one(
            {"_id": self.id, "read_seq": {"$lt": read_seq}},
            {"$set": {"read_seq": read_seq}, "$max": {"seen_seq": read_seq}},
        )
        _forget(self.room.id, self.user_id)
        return bool(changed.matched_count)

    def change_read_seq(self, read_seq: int, unread_mark: int) -> Membership:
        changes = {
            "$set": {"read_seq": read_seq, "unread_mark": unread_mark},
            "$max": {"seen_seq": read_seq},
        }
        database["memberships"].update_one({"_id": self.id}, changes)
        _forget(self.room.id, self.user_id)
        return replace(
            self, read_seq=read_seq, seen_seq=max(self.seen_seq, read_seq), unread_mark=unread_mark
        )

    def move_to_front(self) -> None:
        """Give it the first place in its person's order of rooms.

        Do nothing when the room moved or was hidden meanwhile.
        """
        here = {"_id": self.id, "state": LISTED, "place": self.place}
        database["memberships"].update_one(here, {"$set": _listed(self.user_id)})
        _forget(self.room.id, self.user_id)

    def list_again(self) -> tuple[Membership, bool]:
        """List a direct room again, first in its person's list.

        Return the listed membership, and whether this call listed it: of two concurrent calls,
        one does.
        """
        fields, not_listed = _listed(self.user_id), {"_id": self.id, "state": {"$ne": LISTED}}
        ChangeNotice.leave("member", room_id=self.room.id, user_id=self.user_id)
        changed = database["memberships"].update_one(not_listed, {"$set": fields})
        _changed(self.room.id, self.user_id)
        if changed.matched_count:
            return replace(self, **fields), True
        return Membership.find(self.room.id, self.user_id) or self, False

    def hide(self) -> Membership:
        """Hide a direct room from its person's list until somebody posts there."""
        fields = _not_listed(HIDDEN)
        ChangeNotice.leave("member", room_id=self.room.id, user_id=self.user_id)
        database["memberships"].update_one({"_id": self.id}, {"$set": fields})
        _changed(self.room.id, self.user_id)
        return replace(self, **fields)

    def connect(self) -> Membership:
        """Record that its person posted in the direct room: see circle.py."""
        self._set({"connects": True})
        return replace(self, connects=True)

    def change_notifications(self, level: str) -> Membership:
        self._set({"notifications": level})
        return replace(self, notifications=level)

    def wants(self, kind: str) -> bool:
        """Return whether its person wants notifications of this kind."""
        return kind in LEVELS[self.notifications]

    def _set(self, changes: Record) -> None:
        database["memberships"].update_one({"_id": self.id}, {"$set": changes})
        _forget(self.room.id, self.user_id)


def _read_many(keys: list[tuple[Id, Id]]) -> dict[tuple[Id, Id], Record]:
    """Return membership records by key. All keys are of one room."""
    query = {"room_id": keys[0][0], "user_id": {"$in": [user_id for _, user_id in keys]}}
    return {
        (record["room_id"], record["user_id"]): record
        for record in database["memberships"].find(query)
    }


_remembered: TtlCache[tuple[Id, Id], Record] = TtlCache(
    REMEMBERED, seconds_left=seconds_left, read_many=_read_many, group=lambda key: key[0]
)
_rooms_of: TtlCache[Id, tuple[Id, ...]] = TtlCache(PEOPLE_REMEMBERED, ROOMS_SECONDS, seconds_left)
_counts: TtlCache[Id, int] = TtlCache(REMEMBERED, COUNT_SECONDS, seconds_left)


def _read_room_ids(user_id: Id) -> tuple[Id, ...]:
    query = {"user_id": user_id, "state": LISTED}
    return tuple(
        record["room_id"] for record in database["memberships"].find(query, {"room_id": 1})
    )


def _forget(room_id: Id, user_id: Id) -> None:
    _remembered.invalidate((room_id, user_id))


def _changed(room_id: Id, user_id: Id) -> None:
    """Invalidate the caches after somebody's membership, role or list of rooms changed."""
    _forget(room_id, user_id)
    _rooms_of.invalidate(user_id)
    _counts.invalidate(room_id)


roster.when_changed(_changed)


def _is_in(record: Record | None) -> bool:
    return record is not None and record["state"] != ENDED


def _beginning(role: str, read_seq: int) -> Record:
    """Return the fields of a membership that begins, without its place in its person's list."""
    return {
        "role": role,
        "ended": None,
        "read_seq": read_seq,
        "unread_mark": 0,
        "joined_at": now(),
        "connects": True,
    }


def _listed(user_id: Id) -> Record:
    """Return the fields of a room that moves to the front of its person's list."""
    return {"state": LISTED, "place": User.take_place(user_id)}


def _not_listed(state: str) -> Record:
    """Return the fields of a room that is in no list: HIDDEN, UNSAID or ENDED."""
    return {"state": state, "place": None}


def _from(record: Record, room: Room) -> Membership:
    return Membership(
        record["_id"],
        room,
        record["user_id"],
        record["role"],
        record["read_seq"],
        record["seen_seq"],
        record["unread_mark"],
        record["joined_at"],
        record["notifications"],
        record["state"],
        record["connects"],
        record["place"],
    )
