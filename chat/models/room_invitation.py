"""Invitations to rooms. One is pending until the invited person accepts or declines it.

A pending invitation gives no access to the room.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database, seconds_left
from chat.models.document import Id, new_id
from chat.models.room import Room
from chat.utils.clock import now
from chat.utils.ttl_cache import TtlCache

MOST_PENDING = 100  # invitations of one person; one more replaces the oldest
MOST_SHOWN_OF_A_ROOM = 100
DECLINED_FOR = timedelta(days=30)  # so long the inviter cannot invite the person there again
MOST_CACHED = 10_000


@dataclass(frozen=True)
class RoomInvitation:
    id: Id
    room: Room
    user_id: Id
    invited_by: Id
    role: str  # the invited person's future role, if the inviter may still give this role then
    created_at: datetime

    @classmethod
    def send(cls, room: Room, user_id: Id, invited_by: Id, role: str) -> RoomInvitation:
        """Invite a person to a room. Return the invitation, which may be one that is pending."""
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

    def renew(self, invited_by: Id, role: str) -> RoomInvitation:
        """Make it an invitation by another person, or to another role. Return it as it is then."""
        begun = now()
        changed = database["room_invitations"].update_one(
            {"_id": self.id},
            {"$set": {"invited_by": invited_by, "role": role, "created_at": begun}},
        )
        if not changed.matched_count:  # it was answered meanwhile
            return self.send(self.room, self.user_id, invited_by, role)
        return replace(self, invited_by=invited_by, role=role, created_at=begun)

    @classmethod
    def of(cls, user_id: Id) -> list[RoomInvitation]:
        """Return somebody's pending invitations to existing rooms, the latest first."""
        records = _latest_first(user_id)
        rooms = Room.find_many(record["room_id"] for record in records)
        return [_from(each, rooms[each["room_id"]]) for each in records if each["room_id"] in rooms]

    @classmethod
    def find(cls, invitation_id: Id) -> RoomInvitation | None:
        record = database["room_invitations"].find_one({"_id": invitation_id})
        if record and (room := Room.find(record["room_id"])):
            return _from(record, room)
        return None

    @classmethod
    def to(cls, room: Room, user_id: Id) -> RoomInvitation | None:
        """Return somebody's pending invitation to a room."""
        pair = {"room_id": room.id, "user_id": user_id}
        record = database["room_invitations"].find_one(pair)
        return _from(record, room) if record else None

    @staticmethod
    def count(user_id: Id) -> int:
        """Return how many of somebody's invitations are pending.

        The cached count may be a few seconds old after another process changed it.
        """
        return _counts.get_or_load(user_id, lambda: RoomInvitation.count_now(user_id)) or 0

    @staticmethod
    def count_now(user_id: Id) -> int:
        """Return how many of a person's invitations are pending, bypassing the cache."""
        return len(_latest_first(user_id))

    @staticmethod
    def invited_to(room_id: Id) -> dict[Id, Id]:
        """Return people with a pending invitation to a room, and the inviter of each.

        Return at most MOST_SHOWN_OF_A_ROOM.
        """
        fields = {"user_id": 1, "invited_by": 1}
        records = database["room_invitations"].find({"room_id": room_id}, fields)
        shown = records.limit(MOST_SHOWN_OF_A_ROOM)
        return {record["user_id"]: record["invited_by"] for record in shown}

    @staticmethod
    def among(room_id: Id, user_ids: Iterable[Id]) -> set[Id]:
        """Return the people among `user_ids` who have a pending invitation to a room."""
        query = {"room_id": room_id, "user_id": {"$in": list(user_ids)}}
        records = database["room_invitations"].find(query, {"user_id": 1})
        return {record["user_id"] for record in records}

    @staticmethod
    def was_declined(room_id: Id, user_id: Id, invited_by: Id) -> bool:
        """Return whether somebody declined this inviter's invitation within DECLINED_FOR."""
        query = {"room_id": room_id, "user_id": user_id, "invited_by": invited_by}
        record = database["declined_invitations"].find_one(query)
        return record is not None and record["at"] > now() - DECLINED_FOR

    def decline(self) -> None:
        """Decline the invitation; its inviter cannot repeat it for DECLINED_FOR."""
        query = {"room_id": self.room.id, "user_id": self.user_id, "invited_by": self.invited_by}
        with contextlib.suppress(DuplicateKeyError):  # the person declined on two devices at once
            database["declined_invitations"].update_one(query, {"$set": {"at": now()}}, upsert=True)
        self.withdraw(self.room.id, self.user_id)

    @staticmethod
    def withdraw(room_id: Id, user_id: Id) -> None:
        """Delete somebody's invitation to a room, if there is one."""
        pair = {"room_id": room_id, "user_id": user_id}
        # Mostly there is no invitation, and a read costs less than a deletion.
        if database["room_invitations"].find_one(pair, {"_id": 1}):
            database["room_invitations"].delete_one(pair)
            _counts.invalidate(user_id)

    @staticmethod
    def withdraw_of(invited_by: Id, user_id: Id) -> None:
        """Delete all pending invitations that `invited_by` sent to `user_id`."""
        for record in _latest_first(user_id):
            if record["invited_by"] == invited_by:
                database["room_invitations"].delete_one({"_id": record["_id"]})
        _counts.invalidate(user_id)

    @staticmethod
    def end_all(room_id: Id) -> None:
        """Delete all invitations to a deleted room."""
        for name in ("room_invitations", "declined_invitations"):
            database[name].delete_many({"room_id": room_id})


def _latest_first(user_id: Id) -> list[Record]:
    records = database["room_invitations"].find({"user_id": user_id})
    return sorted(records, key=lambda record: record["created_at"], reverse=True)


def _make_room_for(user_id: Id) -> None:
    if oldest := [record["_id"] for record in _latest_first(user_id)[MOST_PENDING:]]:
        database["room_invitations"].delete_many({"_id": {"$in": oldest}})


_counts: TtlCache[Id, int] = TtlCache(MOST_CACHED, seconds_left=seconds_left)


def _from(record: Record, room: Room) -> RoomInvitation:
    return RoomInvitation(
        record["_id"],
        room,
        record["user_id"],
        record["invited_by"],
        record["role"],
        record["created_at"],
    )
