"""Drafts: entries and changes on their way into a room's log, which have no seq yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from chat.models.database import Record
from chat.models.document import Id, new_id
from chat.models.log.head import Head
from chat.utils.clock import now
from chat.utils.latch import Latch


@dataclass(frozen=True)
class Draft:
    """An entry that has no seq yet. `record` holds all but seq and ordinal.

    `fingerprint` distinguishes it from another draft with the same client_id while both are on
    their way. `recognise` returns whether an entry of the log is this one, for entries that have
    the fingerprint in another form.
    """

    author_id: Id
    client_id: str
    fingerprint: bytes
    record: Record
    recognise: Callable[[Record], bool] | None = None

    def is_same(self, record: Record) -> bool:
        if self.recognise:
            return self.recognise(record)
        return bool(record.get("fingerprint", self.fingerprint) == self.fingerprint)

    @property
    def key(self) -> tuple[Id, str]:
        return self.author_id, self.client_id


class Appended(NamedTuple):
    """An entry as it is stored, and whether this call stored it."""

    entry: Record
    is_new: bool


class AppendedChange(NamedTuple):
    """The entry of a change, and its message's record before and after it."""

    entry: Record
    before: Record
    after: Record


class Changed(NamedTuple):
    """A message's record after a change, and the change's entry; None when it changed nothing."""

    record: Record
    entry: Record | None


@dataclass(frozen=True)
class Change:
    """A change of a message, decided on the message's state right before the entry's seq.

    `decide` gets the message's record as of the head and returns the content of the entry, or None
    when there is nothing to change. What it raises reaches the caller who wants the change.
    """

    author_id: Id
    client_id: str
    message_id: Id
    decide: Callable[[Record], Record | None]
    fingerprint: bytes = b""

    @property
    def key(self) -> tuple[Id, str]:
        return self.author_id, self.client_id

    def record_at(self, place: Head, message: Record, content: Record) -> Record:
        """Return the entry at its place. `message`: what it changes; `content`: from `decide`."""
        return {
            "_id": new_id(),
            "room_id": message["room_id"],
            "seq": place.seq,
            "ordinal": place.ordinal,
            "author_id": self.author_id,
            "client_id": self.client_id,
            "message_id": message["_id"],
            "message_seq": message["seq"],
            "created_at": now(),
            **content,
        }


@dataclass(eq=False)
class Pending:
    """A draft or change on its way.

    `turn`: its owner may go on, to commit or to take the result. `done`: it is settled.
    """

    draft: Draft | Change
    turn: Latch = field(default_factory=Latch)
    done: Latch = field(default_factory=Latch)
    record: Record | None = None
    # The record of the message that it changes, before and after the change.
    before: Record | None = None
    after: Record | None = None
    needs_no_record: bool = False  # it was sent before, or changes nothing
    refusal: Exception | None = None

    def settle(
        self,
        record: Record | None = None,
        *,
        needs_no_record: bool = False,
        refusal: Exception | None = None,
    ) -> None:
        self.record = record
        self.needs_no_record = needs_no_record
        self.refusal = refusal
        self.done.open()
        self.turn.open()
