"""Pinnable: what is to be found quickly hangs on the room's wall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from chat.models.database import Record, find_by_ids
from chat.models.document import Id
from chat.models.log import PINNED, log_of
from chat.models.user import User
from chat.utils.errors import Conflict

if TYPE_CHECKING:
    from chat.models.message import Message


MOST_PINS = 100  # in a room; two who pin at the same moment may pass it by one


class Pinnable:
    room_id: Id
    pinned_at: datetime | None

    if TYPE_CHECKING:

        def change(self, actor: User, decide: Callable[[Record], Record | None]) -> Message: ...
        @classmethod
        def from_records(cls, records: list[Record]) -> list[Message]: ...

    def pin(self, actor: User, *, on: bool) -> Message:
        """The message, pinned or not. Again is harmless. Raises Conflict, Unavailable."""
        if on and not self.pinned_at and len(self.pinned_in(self.room_id)) >= MOST_PINS:
            raise Conflict(f"A room holds {MOST_PINS} pinned messages: take one off first.")

        def decide(record: Record) -> Record | None:
            return None if bool(record.get("pinned_at")) == on else {"event": PINNED, "on": on}

        return self.change(actor, decide)

    @classmethod
    def pinned_in(cls, room_id: Id) -> list[Message]:
        """The room's pinned messages, the one pinned last first."""
        changes = log_of(room_id).of_kind(PINNED, ("message_id", "seq", "on"))
        last = {change["message_id"]: change["on"] for change in sorted(changes, key=itemgetter("seq"))}
        ids = [message_id for message_id, on in last.items() if on]
        messages = cls.from_records(find_by_ids("log", ids))
        pinned = [message for message in messages if message.pinned_at]
        return sorted(pinned, key=lambda message: (message.pinned_at, message.seq), reverse=True)
