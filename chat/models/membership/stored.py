"""StoredMembership: what a membership's record says, and what its role permits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chat.models.database import Record
from chat.models.document import Id
from chat.models.membership.states import LISTED
from chat.models.permissions import PERMISSIONS, may
from chat.models.room import Room
from chat.utils.errors import Forbidden

# level: the kinds of notifications that it allows
LEVELS: dict[str, frozenset[str]] = {
    "all": frozenset({"mention", "direct"}),
    "mentions": frozenset({"mention"}),
    "nothing": frozenset(),
}


@dataclass(frozen=True)
class StoredMembership:
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
    def from_record(cls, record: Record, room: Room) -> Self:
        return cls(
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

    @property
    def is_listed(self) -> bool:
        """Return whether the room is in its person's list: `GET /rooms`, `hello`, the sidebar."""
        return self.state == LISTED

    def wants(self, kind: str) -> bool:
        """Return whether its person wants notifications of this kind."""
        return kind in LEVELS[self.notifications]

    def must(self, verb: str) -> Self:
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
