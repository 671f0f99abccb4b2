"""Pinnable: what is to be found quickly hangs on the room's wall."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log import PINNED, log_of
from chat.models.user import User

if TYPE_CHECKING:
    from chat.models.message import Message


class Pinnable:
    if TYPE_CHECKING:

        def change(self, actor: User, decide: Callable[[Record], Record | None]) -> Message: ...
        @classmethod
        def from_records(cls, records: list[Record]) -> list[Message]: ...

    def pin(self, actor: User, *, on: bool) -> Message:
        """The message, pinned or not. Again is harmless. Raises Conflict, Unavailable."""
        def decide(record: Record) -> Record | None:
            return None if bool(record.get("pinned_at")) == on else {"event": PINNED, "on": on}

        return self.change(actor, decide)

    @classmethod
    def pinned_in(cls, room_id: Id) -> list[Message]:
        """The room's pinned messages, the one pinned last first."""
        log = log_of(room_id)
        ids = list({change["message_id"] for change in log.of_kind(PINNED, ("message_id",))})
        messages = cls.from_records(list(database["log"].find({"_id": {"$in": ids}}))) if ids else []
        pinned = [message for message in messages if message.pinned_at]
        return sorted(pinned, key=lambda message: (message.pinned_at, message.seq), reverse=True)
