"""StoredMembership: the fields of a membership's record, and the permissions of its role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from chat.models.database import Record
from chat.models.document import Id
from chat.models.membership.states import LISTED
from chat.models.permissions import PERMISSIONS, may
from chat.models.room import Room
from chat.utils.clock import now
from chat.utils.errors import Forbidden
from chat.utils.translation import _

# What notifies a person in a room: every message; mentions and keywords; nothing.
LEVELS = ("all", "mentions", "nothing")
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)  # the end of a mute that has none


@dataclass(frozen=True)
class StoredMembership:
    id: Id
    room: Room
    user_id: Id
    role: str
    read_seq: int  # as last stored; Reading computes the effective one, which own posts advance
    seen_seq: int  # the furthest seq ever read, for read receipts: "mark unread" does not lower it
    # The room's head at the last "mark unread": the person's own posts up to there do not count as
    # reading.
    unread_mark: int
    joined_at: datetime
    notifications: str  # one of LEVELS
    state: str  # LISTED, HIDDEN or UNSAID
    connects: bool  # False in a direct room in which the person never wrote (circle.py)
    place: int | None  # the room's number in its person's list (room_order.py), None if not LISTED
    favourite: bool  # whether its person finds the room above all others
    muted_until: datetime | None = None  # the person reads and does not write; FOREVER without end

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
            record["level"],
            record["state"],
            record["connects"],
            record["place"],
            record.get("favourite", False),
            record.get("muted_until"),
        )

    @property
    def is_muted(self) -> bool:
        return self.muted_until is not None and self.muted_until > now()

    @property
    def is_listed(self) -> bool:
        """Return whether `GET /rooms`, `hello` and the sidebar show the room to its person."""
        return self.state == LISTED

    def must(self, verb: str) -> Self:
        """Return this membership if its role allows the verb in this room. Raises Forbidden."""
        if self.may(verb):
            return self
        if self.room.kind == "direct":
            raise Forbidden(_("This cannot be done in a direct room."))
        if not PERMISSIONS[verb].in_others:
            raise Forbidden(_("This can be done in a direct room only."))
        if self.is_muted and may(self.role, verb, archived=self.room.archived_at is not None):
            raise Forbidden(_("You’re muted in this room. You can read, but not write."))
        if self.room.archived_at and may(self.role, verb):
            raise Forbidden(_("This room is archived."))
        raise Forbidden(_("Your role in this room, {role}, does not allow this.", role=self.role))

    def reaches(self, role: str) -> bool:
        """Return whether what it may do to others it may do to somebody of this role.

        Only owners reach owners.
        """
        return role != "owner" or self.may("change roles")

    def must_reach(self, other: StoredMembership, verb: str) -> None:
        """Raise Forbidden unless it may do this to another member."""
        self.must(verb)
        if not self.reaches(other.role):
            self.must("change roles")

    def may(self, verb: str) -> bool:
        return may(
            self.role,
            verb,
            archived=self.room.archived_at is not None,
            direct=self.room.kind == "direct",
            muted=self.is_muted,
        )
