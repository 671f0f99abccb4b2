"""Adjustable: a person's settings for a room: how far they read, its list, its notifications."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Self

from chat.models.database import Record, database
from chat.models.membership import cache
from chat.models.membership.of_person import OfPerson
from chat.models.membership.states import HIDDEN, LISTED, listed, not_listed
from chat.models.membership.stored import FOREVER
from chat.models.peers.change_notices import ChangeNotice


class Adjustable(OfPerson):
    def advance_read_seq(self, read_seq: int) -> bool:
        """Move `read_seq` forward. Return whether it moved.

        `read_seq` never moves back, even if there are concurrent calls.
        """
        changed = database["memberships"].update_one(
            {"_id": self.id, "read_seq": {"$lt": read_seq}},
            {"$set": {"read_seq": read_seq}, "$max": {"seen_seq": read_seq}},
        )
        self._invalidate()
        return bool(changed.matched_count)

    def change_read_seq(self, read_seq: int, unread_mark: int) -> Self:
        changes = {
            "$set": {"read_seq": read_seq, "unread_mark": unread_mark},
            "$max": {"seen_seq": read_seq},
        }
        database["memberships"].update_one({"_id": self.id}, changes)
        self._invalidate()
        return replace(
            self, read_seq=read_seq, seen_seq=max(self.seen_seq, read_seq), unread_mark=unread_mark
        )

    def move_to_front(self) -> None:
        """Move the room to the front of its person's list of rooms.

        Do nothing if the room moved or was hidden meanwhile.
        """
        here = {"_id": self.id, "state": LISTED, "place": self.place}
        database["memberships"].update_one(here, {"$set": listed(self.user_id)})
        self._invalidate()

    def list_again(self) -> tuple[Self, bool]:
        """List a direct room again, at the front of its person's list.

        Return the listed membership, and whether this call listed it. Of two concurrent calls, only
        one lists it.
        """
        fields = listed(self.user_id)
        ChangeNotice.store("member", room_id=self.room.id, user_id=self.user_id)
        changed = database["memberships"].update_one(
            {"_id": self.id, "state": {"$ne": LISTED}}, {"$set": fields}
        )
        cache.invalidate(self.room.id, self.user_id)
        if changed.matched_count:
            return replace(self, **fields), True
        return self.find(self.room.id, self.user_id) or self, False

    def hide(self) -> Self:
        """Hide a direct room from its person's list until somebody posts there."""
        fields = not_listed(HIDDEN)
        ChangeNotice.store("member", room_id=self.room.id, user_id=self.user_id)
        database["memberships"].update_one({"_id": self.id}, {"$set": fields})
        cache.invalidate(self.room.id, self.user_id)
        return replace(self, **fields)

    def connect(self) -> Self:
        """Record that the person posted in the direct room, which extends circles (circle.py)."""
        return self._set({"connects": True})

    def change_notifications(self, level: str) -> Self:
        """Choose one of LEVELS."""
        database["memberships"].update_one({"_id": self.id}, {"$set": {"level": level}})
        self._invalidate()
        cache.wants.invalidate(self.room.id)
        return replace(self, notifications=level)

    def change_favourite(self, *, favourite: bool) -> Self:
        return self._set({"favourite": favourite})

    def mute(self, until: datetime | None) -> Self:
        """Let the person read and not write; also when they leave and come back.

        `until`: None for no end.
        """
        return self._set({"muted_until": until or FOREVER})

    def unmute(self) -> Self:
        return self._set({"muted_until": None})

    def _set(self, changes: Record) -> Self:
        database["memberships"].update_one({"_id": self.id}, {"$set": changes})
        self._invalidate()
        return replace(self, **changes)

    def _invalidate(self) -> None:
        cache.records.invalidate((self.room.id, self.user_id))
