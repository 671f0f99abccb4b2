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
    unread_mark: int   # the room's head when "mark unread" was last said: own posts up to it move nothing
    joined_at: datetime
    notifications: str  # one of LEVELS

    @classmethod
    def begin(cls, room: Room, user_id: Id, role: str, read_seq: int) -> tuple[Membership, bool]:
        """Somebody's membership of a room, and whether it began just now: whoever is in already stays as they are."""
        record = {
            "_id": new_id(), "room_id": room.id, "user_id": user_id, "role": role,
            "read_seq": read_seq, "unread_mark": 0, "joined_at": now(), "notifications": "all",
        }
        Notice.leave("member", room_id=room.id, user_id=user_id)
        try:
            database["memberships"].insert_one(record)
        except DuplicateKeyError:
            kept = database["memberships"].find_one({"room_id": room.id, "user_id": user_id})
            return (_from(kept, room), False) if kept else cls.begin(room, user_id, role, read_seq)
        _forget(room.id, user_id)
        return _from(record, room), True

    @classmethod
    def find(cls, room_id: Id, user_id: Id) -> Membership | None:
        """Somebody's membership of a room that is there."""
        query = {"room_id": room_id, "user_id": user_id}
        record = _remembered.recall((room_id, user_id), lambda: database["memberships"].find_one(query))
        room = Room.find(room_id) if record else None
        return _from(record, room) if record and room else None

    @classmethod
    def look_again(cls, room_id: Id, user_id: Id) -> Membership | None:
        """As the database has it now, whatever was remembered."""
        _forget(room_id, user_id)
        return cls.find(room_id, user_id)

    @classmethod
    def of(cls, user_id: Id) -> list[Membership]:
        """All of a person's memberships, in the order in which they began."""
        records = list(database["memberships"].find({"user_id": user_id}))
        found = [(record, Room.find(record["room_id"])) for record in records]
        return sorted((_from(record, room) for record, room in found if room), key=lambda membership: membership.joined_at)

    @classmethod
    def within(cls, room: Room) -> list[Membership]:
        """Everybody's membership of a room, in the order in which they began."""
        records = database["memberships"].find({"room_id": room.id})
        return sorted((_from(record, room) for record in records), key=lambda membership: membership.joined_at)

    @classmethod
    def among(cls, room_id: Id, user_ids: Iterable[Id]) -> set[Id]:
        """Those of these people who are in a room."""
        query = {"room_id": room_id, "user_id": {"$in": list(user_ids)}}
        return {record["user_id"] for record in database["memberships"].find(query, {"user_id": 1})}

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
        """How many people are in a room; at most five seconds old where another process changed it."""
        return _counts.recall(room_id, lambda: database["memberships"].count_documents({"room_id": room_id})) or 0

    def must(self, verb: str) -> Membership:
        """Itself, when its role allows the verb. Raises Forbidden."""
        if not may(self.role, verb):
            raise Forbidden(f"Your role in this room, {self.role}, does not allow this.")
        return self

    def end(self) -> None:
        Notice.leave("member", room_id=self.room.id, user_id=self.user_id)
        database["memberships"].delete_one({"_id": self.id})
        _forget(self.room.id, self.user_id)

    def change_role(self, role: str) -> Membership:
        self._set({"role": role})
        return replace(self, role=role)

    def advance_read_seq(self, read_seq: int) -> bool:
        """Moves `read_seq` on; never back, whoever else moves it at this moment. Whether it moved."""
        changed = database["memberships"].update_one({"_id": self.id, "read_seq": {"$lt": read_seq}}, {"$set": {"read_seq": read_seq}})
        _forget(self.room.id, self.user_id)
        return bool(changed.matched_count)

    def change_read_seq(self, read_seq: int, unread_mark: int) -> Membership:
        self._set({"read_seq": read_seq, "unread_mark": unread_mark})
        return replace(self, read_seq=read_seq, unread_mark=unread_mark)

    def change_notifications(self, level: str) -> Membership:
        self._set({"notifications": level})
        return replace(self, notifications=level)

    def wants(self, kind: str) -> bool:
        """Whether its person wants notifications of this kind."""
        return kind in LEVELS[self.notifications]

    def _set(self, changes: Record) -> None:
        database["memberships"].update_one({"_id": self.id}, {"$set": changes})
        _forget(self.room.id, self.user_id)


def others_in(room: Room, user_id: Id) -> list[User]:
    """The people of a direct room besides `user_id`, who give it its name; all of them, where there is nobody else."""
    ids = [membership.user_id for membership in Membership.within(room)]
    users = User.find_many(ids)
    return [users[other] for other in ids if other in users and (other != user_id or len(ids) == 1)]


_remembered: ShortMemory[tuple[Id, Id], Record] = ShortMemory(REMEMBERED)
_counts: ShortMemory[Id, int] = ShortMemory(REMEMBERED)


def _forget(room_id: Id, user_id: Id) -> None:
    _remembered.forget((room_id, user_id))
    _counts.forget(room_id)


def _from(record: Record, room: Room) -> Membership:
    return Membership(
        record["_id"], room, record["user_id"], record["role"], record["read_seq"], record["unread_mark"], record["joined_at"],
        record.get("notifications", "all"),
    )
