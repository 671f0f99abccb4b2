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
    """A message that has no seq yet. `record` holds all its fields but seq and ordinal.

    `fingerprint` distinguishes this draft from another one with the same client_id while both are
    on their way. `recognise` returns whether an entry of the log has this draft's content. It is
    given where the log stores fingerprints in another form.
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
    """The entry of a change, and its message's record before and after the change."""

    entry: Record
    before: Record
    after: Record


class Changed(NamedTuple):
    """A message's record after a change, and the change's entry; None if nothing changed."""

    record: Record
    entry: Record | None


@dataclass(frozen=True)
class Change:
    """A change of a message, decided on the message's state right before the entry's seq.

    `decide` gets the message's record as of the head and returns the content of the entry, or None
    when there is nothing to change. The caller who wants the change gets exceptions of `decide`.
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
        """Return the entry of the change.

        `place`: its seq and ordinal. `message`: the record that it changes. `content`: the result
        of `decide`.
        """
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
    """A draft or change on its way into the log.

    `go_ahead` opens when its writer may go on, to commit as the leader or to read the result.
    `done` opens when the draft is settled.
    """

    draft: Draft | Change
    go_ahead: Latch = field(default_factory=Latch)
    done: Latch = field(default_factory=Latch)
    record: Record | None = None
    # Of a change: the message's record before and after the change.
    before: Record | None = None
    after: Record | None = None
    needs_no_record: bool = False  # the message was sent before, or the change changes nothing
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
        self.go_ahead.open()
