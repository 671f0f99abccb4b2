"""Joinable: a membership begins, changes its role and ends, by decisions about the roster."""

from __future__ import annotations

import contextlib
from typing import Self

from pymongo.errors import DuplicateKeyError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.membership import cache, roster
from chat.models.membership.decision import Allow, Decision
from chat.models.membership.roster import NO_NUMBER, Roster
from chat.models.membership.states import (
    ENDED,
    LEFT,
    UNSAID,
    beginning,
    is_in,
    listed,
    not_listed,
)
from chat.models.membership.stored import StoredMembership
from chat.models.room import Room


class Joinable(StoredMembership):
    @classmethod
    def open_room(cls, room: Room, user_id: Id) -> Self:
        """Open a prepared room. Return the membership of its first member, who is its owner."""
        first = beginning("owner", 0) | listed(user_id)
        return cls.from_record(roster.open_room(room, user_id, first), room)

    @classmethod
    def begin(
        cls, room: Room, user_id: Id, role: str, read_seq: int, allow: Allow = lambda _: None
    ) -> tuple[Self, bool]:
        """Return a person's membership of a room, and whether the membership began with this call.

        A person who is in the room already keeps their membership. The first member of a room
        becomes its owner. `allow` may raise. Raises NotFound when the room is deleted.
        """

        def decide(now: Roster, record: Record | None) -> Record | None:
            if is_in(record):
                return None
            allow(Decision(now))
            return beginning(role if now.members else "owner", read_seq) | listed(user_id)

        outcome = roster.change(room.id, user_id, decide)
        assert outcome.record
        return cls.from_record(outcome.record, room), outcome.changed

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
            "level": "all",
            **beginning("member", 0),
            **not_listed(UNSAID),
            "connects": False,
        }
        with contextlib.suppress(DuplicateKeyError):
            database["memberships"].insert_one(record)
        cache.invalidate(room.id, user_id)

    def end(self, why: str = LEFT, allow: Allow = lambda _: None) -> bool:
        """End the membership. Return whether this call ended it. `allow` may raise.

        Raises Conflict when others would be left without an owner.
        """

        def decide(now: Roster, record: Record | None) -> Record | None:
            if not is_in(record):
                return None
            allow(Decision(now))
            return {"role": None, **not_listed(ENDED), "ended": why, "number": NO_NUMBER}

        return roster.change(self.room.id, self.user_id, decide).changed

    def change_role(self, role: str, allow: Allow = lambda _: None) -> Self:
        """Change the role. Return the changed membership.

        `allow` may raise. Raises NotFound, Conflict.
        """

        def decide(now: Roster, _: Record | None) -> Record | None:
            allow(Decision(now))
            if Decision(now).member(self.user_id).role == role:
                return None
            return {"role": role}

        outcome = roster.change(self.room.id, self.user_id, decide)
        assert outcome.record
        return self.from_record(outcome.record, self.room)
