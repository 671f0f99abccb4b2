"""Applying: write changes into their messages' records, so that readers need not fold them.

An edit, deletion, reaction or pin is a further entry that names its message. A change takes effect
when it is appended, and is applied right afterwards. If the process dies between the two, the next
reader folds the changes after the record's `applied_seq` into the record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from pymongo import ReplaceOne
from pymongo.errors import PyMongoError

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.floor import Floor
from chat.models.log.drafts import AppendedChange
from chat.models.log.folding import TEXTS_OF_CHANGES, fold, without_gone
from chat.models.log.unapplied import UnappliedChanges
from chat.utils.errors import NotFound
from chat.utils.translation import _

TRIES = 100  # attempts to apply; one fails only if another writer has applied changes meanwhile

logger = logging.getLogger(__name__)


class ChangeApplier:
    """Applies the changes of one room's messages, and notes in `unapplied` the applied ones."""

    def __init__(self, room_id: Id, unapplied: UnappliedChanges):
        self._room_id = room_id
        self._unapplied = unapplied

    def apply_appended(self, change: AppendedChange) -> Record:
        """Apply a change that was appended just now. Return the message's record after the change.

        The record may include further changes.
        """
        if self._write(change.before, change.after):
            return change.after
        return self.apply(change.before["_id"])

    def apply(self, message_id: Id, record: Record | None = None) -> Record:
        """Write every change into a message's record, and return the record.

        `record`: the message's record, if the caller has just read it. Raises NotFound.
        """
        for _attempt in range(TRIES):
            record = record or self._record(message_id)
            changes = self._changes_after(record)
            if not changes:
                self._unapplied.note_applied(message_id, record["applied_seq"])
                return record
            folded = fold(record, changes)
            if self._write(record, folded):
                return folded
            record = None
        raise RuntimeError(f"{message_id}: its changes could not be applied")

    def current(self, records: Iterable[Record]) -> list[Record]:
        """Return posted entries with all changes up to the head that the caller read before."""
        if self._unapplied.none_lately():
            return list(records)
        return [
            self.apply(record["_id"]) if self._unapplied.is_behind(record) else record
            for record in records
        ]

    def apply_all(self) -> None:
        """Apply the changes that are not known to be applied, so that the hint can move forward."""
        try:
            for message_id, last_seq in self._unapplied.last_seqs().items():
                try:
                    self.apply(message_id)
                except NotFound:
                    # The log is damaged. A writer cannot repair it; `bin/chat verify` reports it.
                    self._unapplied.note_applied(message_id, last_seq)
        except PyMongoError as error:  # the changes stay noted, so the next call applies them
            logger.warning(
                "changes stay unapplied for now",
                extra={"room_id": str(self._room_id), "reason": str(error)},
            )

    def state(self, message_id: Id) -> Record:
        """Return the message's record as of the head, without applying anything.

        Raises NotFound.
        """
        record = self._record(message_id)
        if not self._unapplied.is_behind(record):
            return record
        return fold(record, self._changes_after(record))

    def _changes_after(self, record: Record) -> list[Record]:
        """Return a message's changes that its record does not include yet, in the order of seq."""
        query = {
            "room_id": self._room_id,
            "message_id": record["_id"],
            "seq": {"$gt": record["applied_seq"], "$lte": 2**62},
        }
        return sorted(database["log"].find(query), key=lambda change: int(change["seq"]))

    def _record(self, message_id: Id) -> Record:
        record = database["log"].find_one({"_id": message_id})
        if record is None or record["room_id"] != self._room_id or "applied_seq" not in record:
            raise NotFound(_("There is no such message."))
        return record

    def erase(self, records: list[Record], floor: Floor) -> int:
        """Write the tombstones of those current records whose messages are gone; return how many.

        What is written meanwhile to such a message changes nothing any more. Idempotent.
        """
        erased = {
            record["_id"]: (record, tombstone)
            for record in records
            if (tombstone := without_gone(record, floor)) is not record
        }
        if not erased:
            return 0
        last = max(int(record["applied_seq"]) for record, _ in erased.values())
        self._blank([record for record, _ in erased.values()], last)
        writes = [
            ReplaceOne({"_id": message_id, "applied_seq": record["applied_seq"]}, tombstone)
            for message_id, (record, tombstone) in erased.items()
        ]
        return database["log"].bulk_write(writes, ordered=False).matched_count

    def _write(self, record: Record, folded: Record) -> bool:
        """Replace a message's record by `folded`. Return whether this succeeded.

        The call fails if another writer has replaced the record since the caller read it.
        """
        message_id = record["_id"]
        if "deleted_at" in folded:
            self._blank([record], folded["applied_seq"])
        # Replace the record last. After a crash before this, the record still has the old
        # `applied_seq`, so the next reader does everything again.
        written = database["log"].replace_one(
            {"_id": message_id, "applied_seq": record["applied_seq"]}, folded
        )
        if written.matched_count:
            self._unapplied.note_applied(message_id, folded["applied_seq"])
        return bool(written.matched_count)

    def _blank(self, records: list[Record], seq: int) -> None:
        """Remove deleted messages' texts from their changes; run the `when_deleted` actions."""
        earlier = {
            "room_id": self._room_id,
            "message_id": {"$in": [record["_id"] for record in records]},
            "seq": {"$gt": 0, "$lte": seq},
        }
        database["log"].update_many(earlier, {"$unset": dict.fromkeys(TEXTS_OF_CHANGES, "")})
        for action in _when_deleted:
            action(records)


_when_deleted: list[Callable[[list[Record]], None]] = []


def when_deleted(action: Callable[[list[Record]], None]) -> None:
    """Register an idempotent action, which gets deleted messages' records from before."""
    _when_deleted.append(action)
