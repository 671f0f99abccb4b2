"""An invitation to a room: it waits for an answer, and gives its person nothing before that."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.room import Room
from chat.utils.clock import now
from chat.utils.ttl_cache import TtlCache

MOST_PENDING = 100  # of one person; then the oldest gives way
MOST_SHOWN_OF_A_ROOM = 100
DECLINED_FOR = timedelta(days=30)  # the same person cannot invite there again for so long
REMEMBERED = 10_000


@dataclass(frozen=True)
class RoomInvitation:
    id: Id
    room: Room
    user_id: Id
    invited_by: Id
    role: str  # which they have in the room when they accept, if the inviter may still give it
    created_at: datetime

    @classmethod
    def send(cls, room: Room, user_id: Id, invited_by: Id, role: str) -> RoomInvitation:
        """Return somebody's invitation to a room: the one that waits already, or a new one."""
        record = {
            "_id": new_id(),
            "room_id": room.id,
            "user_id": user_id,
            "invited_by": invited_by,
            "role": role,
            "created_at": now(),
        }
        try:
            database["room_invitations"].insert_one(record)
        except DuplicateKeyError:
            pair = {"room_id": room.id, "user_id": user_id}
            if there := database["room_invitations"].find_one(pair):
                return _from(there, room)
            return cls.send(room, user_id, invited_by, role)
        _make_room_for(user_id)
        _counts.invalidate(user_id)
        return _from(record, room)

    @classmethod
    def of(cls, user_id: Id) -> list[RoomInvitation]:
        """Those that wait for somebody, the latest first; of rooms that are there."""
        records = _latest_first(user_id)
        rooms = Room.find_many(record["room_id"] for record in records)
        return [_from(each, rooms[each["room_id"]]) for each in records if each["room_id"] in rooms]

    @classmethod
    def find(cls, invitation_id: Id) -> RoomInvitation | None:
        record = database["room_invitations"].find_one({"_id": invitation_id})
        room = Room.find(record["room_id"]) if record else None
        return _from(record, room) if record and room else None

    @staticmethod
    def count(user_id: Id) -> int:
        """How many wait for somebody; late by a few seconds where another process changed it."""
        return _counts.get_or_load(user_id, lambda: RoomInvitation.count_now(user_id)) or 0

    @staticmethod
    def count_now(user_id: Id) -> int:
        """The same, as the database has it."""
        return len(_latest_first(user_id))

    @staticmethod
    def invited_to(room_id: Id) -> list[Id]:
        """People whose invitation to a room waits; not more than a page shows."""
        records = database["room_invitations"].find({"room_id": room_id}, {"user_id": 1})
        return [record["user_id"] for record in records.limit(MOST_SHOWN_OF_A_ROOM)]

    @staticmethod
    def among(room_id: Id, user_ids: Iterable[Id]) -> set[Id]:
        """Those of a few people whose invitation to a room waits."""
        query = {"room_id": room_id, "user_id": {"$in": list(user_ids)}}
        records = database["room_invitations"].find(query, {"user_id": 1})
        return {record["user_id"] for record in records}

    @staticmethod
    def was_declined(room_id: Id, user_id: Id, invited_by: Id) -> bool:
        """Whether somebody declined this person's invitation to a room within DECLINED_FOR."""
        query = {"room_id": room_id, "user_id": user_id, "invited_by": invited_by}
        record = database["declined_invitations"].find_one(query)
        return record is not None and record["at"] > now() - DECLINED_FOR

    def decline(self) -> None:
        """It waits no more, and its inviter cannot repeat it for a while."""
        query = {"room_id": self.room.id, "user_id": self.user_id, "invited_by": self.invited_by}
        with contextlib.suppress(DuplicateKeyError):  # two devices at once
            database["declined_invitations"].update_one(query, {"$set": {"at": now()}}, upsert=True)
        self.withdraw(self.room.id, self.user_id)

    @staticmethod
    def withdraw(room_id: Id, user_id: Id) -> None:
        """Whoever is in the room, or was put out of it, is not invited any more."""
        pair = {"room_id": room_id, "user_id": user_id}
        if database["room_invitations"].find_one(pair, {"_id": 1}):  # a write takes longer
            database["room_invitations"].delete_one(pair)
            _counts.invalidate(user_id)

    @staticmethod
    def withdraw_of(invited_by: Id, user_id: Id) -> None:
        """None of one person's invitations of another waits any more."""
        for record in _latest_first(user_id):
            if record["invited_by"] == invited_by:
                database["room_invitations"].delete_one({"_id": record["_id"]})
        _counts.invalidate(user_id)

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Everybody's, to a room that is gone."""
        for name in ("room_invitations", "declined_invitations"):
            database[name].delete_many({"room_id": room_id})


def _latest_first(user_id: Id) -> list[Record]:
    records = database["room_invitations"].find({"user_id": user_id})
    return sorted(records, key=lambda record: record["created_at"], reverse=True)


def _make_room_for(user_id: Id) -> None:
    oldest = [record["_id"] for record in _latest_first(user_id)[MOST_PENDING:]]
    if oldest:
        database["room_invitations"].delete_many({"_id": {"$in": oldest}})


_counts: TtlCache[Id, int] = TtlCache(REMEMBERED, seconds_left=database.seconds_left)


def _from(record: Record, room: Room) -> RoomInvitation:
    return RoomInvitation(
        record["_id"],
        room,
        record["user_id"],
        record["invited_by"],
        record["role"],
        record["created_at"],
    )
