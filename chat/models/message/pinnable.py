"""Pinnable: a room lists its pinned messages, so that people find them quickly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from chat.models import pins
from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log import PINNED
from chat.models.log.steps import FIRST_STEP
from chat.models.message.bounds import MOST_BYTES, Allowance
from chat.models.message.changeable import Changeable, ChangedMessage
from chat.models.message.opened import OpenMessage
from chat.models.message.place import Place
from chat.models.user import User
from chat.utils.clock import milliseconds


class Pinnable(Changeable):
    def pin(self, actor: User, *, on: bool) -> ChangedMessage[Self]:
        """Pin or unpin the message. Idempotent. Raises Conflict, Unavailable."""
        # What is pinned keeps its place in the list.
        is_noted = on and not _pinned_among([self.id])
        if is_noted:
            pins.note(self.room_id, self.id, _pinned_among)

        def decide(record: Record) -> Record | None:
            if bool(record.get("pinned_at")) == on:
                return None
            if on and not is_noted:  # it was unpinned meanwhile
                pins.note(self.room_id, self.id, _pinned_among)
            return {"event": PINNED, "on": on}

        return self.change(actor, decide)

    @classmethod
    def pinned_in(
        cls,
        room_id: Id,
        before: Place | None = None,
        limit: int = pins.MOST_PINS,
        size: Callable[[OpenMessage], int] = lambda _: 0,
        most_bytes: int = MOST_BYTES,
    ) -> tuple[list[Self], Place | None]:
        """Return a room's pinned messages, the last pinned first, and where the list goes on.

        The answer has at most `limit` messages, and at most `most_bytes`, counted by `size`, but
        always one message if there is one.
        """
        places = {
            pin.message_id: Place(milliseconds(pin.at), pin.message_id) for pin in pins.of(room_id)
        }
        wanted = [
            message_id for message_id, place in places.items() if before is None or place < before
        ]
        shown: list[Self] = []
        allowance = Allowance(most_bytes)
        for start in range(0, len(wanted), FIRST_STEP):
            for message in cls.find_each(wanted[start : start + FIRST_STEP]):
                if message.pinned_at:
                    if len(shown) == limit or not allowance.takes(size(message)):
                        return shown, places[shown[-1].id]
                    shown.append(message)
        return shown, None


def _pinned_among(message_ids: list[Id]) -> set[Id]:
    records = database["log"].find({"_id": {"$in": message_ids}}, {"pinned_at": 1})
    return {record["_id"] for record in records if record.get("pinned_at")}
