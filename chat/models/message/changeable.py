"""Changeable: the common part of edits, deletions, reactions and pins, which are log entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log import POSTED, log_of
from chat.models.log.steps import in_steps
from chat.models.message.opened import OpenMessage
from chat.models.user import User
from chat.utils.errors import Conflict
from chat.utils.translation import _


@dataclass(frozen=True)
class Entry:
    """An entry of a room's log, with its message as it is now, including the entry's change."""

    event: str
    seq: int
    message: OpenMessage


M = TypeVar("M", bound=OpenMessage)


@dataclass(frozen=True)
class ChangedMessage(Generic[M]):
    """A message after a change, and the change's entry; None if there was nothing to change."""

    message: M
    entry: Entry | None


class Changeable(OpenMessage):
    def change(
        self, actor: User, decide: Callable[[Record], Record | None]
    ) -> ChangedMessage[Self]:
        """Change the message durably. Raises Conflict when it is deleted.

        `decide`: as for RoomLog.change, but `decide` never gets a deleted message.
        """

        def decide_on_living(record: Record) -> Record | None:
            if self.is_gone(record):
                raise Conflict(_("This message was deleted."))
            return decide(record)

        return self._change(actor, decide_on_living)

    def _change(
        self, actor: User, decide: Callable[[Record], Record | None]
    ) -> ChangedMessage[Self]:
        changed = log_of(self.room_id).change(actor.id, self.id, decide)
        message = self.from_records([changed.record])[0]
        if changed.entry is None:
            return ChangedMessage(message, None)
        entry = Entry(changed.entry["event"], changed.entry["seq"], message)
        return ChangedMessage(message, entry)

    @classmethod
    def entries(cls, records: list[Record]) -> list[Entry]:
        """Return entries of one room, in the given order, with messages. Raises CannotOpen."""
        return list(cls._entries(records))

    @classmethod
    def entries_after(cls, room_id: Id, after: int, last: int) -> Iterator[Entry]:
        """Yield a room's entries after `after` up to `last`, with their messages.

        Messages are read and opened only when the caller asks for them. Raises CannotOpen.
        """
        log = log_of(room_id)
        for records in in_steps(lambda low, high: log.entries(low - 1, high), after + 1, last):
            yield from cls._entries(records)

    @classmethod
    def _entries(cls, records: list[Record]) -> Iterator[Entry]:
        if not records:
            return
        log = log_of(records[0]["room_id"])
        there = {record["_id"]: record for record in records if record["event"] == POSTED}
        elsewhere = list(
            {record["message_id"] for record in records if record["event"] != POSTED} - there.keys()
        )
        if elsewhere:
            there |= {
                record["_id"]: record
                for record in database["log"].find({"_id": {"$in": elsewhere}})
            }
        # Another process may have appended a change that it has not applied yet.
        for message_id, seq in {
            record["message_id"]: record["seq"] for record in records if record["event"] != POSTED
        }.items():
            if there[message_id]["applied_seq"] < seq:
                there[message_id] = log.apply(message_id)
        ids = [record.get("message_id") or record["_id"] for record in records]
        opening = cls.opening(log.current(there[message_id] for message_id in dict.fromkeys(ids)))
        messages: dict[Id, OpenMessage] = {}
        for record, message_id in zip(records, ids, strict=True):
            if message_id not in messages:  # `opening` has the order of `ids`, so take its next one
                messages[message_id] = next(opening)
            yield Entry(record["event"], record["seq"], messages[message_id])
