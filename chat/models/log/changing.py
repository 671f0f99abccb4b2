"""Changing messages: an edit, deletion, reaction or pin is a further entry that names its message.

A change takes effect when it is appended. Then it is applied: folded into its message's record, so
that readers need not look for it. After a crash between the two, the next reader folds the changes
after the record's `applied_seq` into it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from pymongo.errors import PyMongoError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.log.appending import Appending
from chat.models.log.drafts import Change, Changed
from chat.models.log.folding import TEXTS_OF_CHANGES, fold
from chat.utils.errors import NotFound

TRIES = 100  # at applying; each one that fails means that another writer applied changes

logger = logging.getLogger(__name__)


class Changing(Appending):
    def change(
        self, actor_id: Id, message_id: Id, decide: Callable[[Record], Record | None]
    ) -> Changed:
        """Append and apply a change, durably.

        `decide` gets the record as of the head and returns the content of the change, or None when
        there is nothing to change. It is called again when the head moves, and what it raises is
        raised here. Raises NotFound, Unavailable.
        """
        draft = Change(actor_id, new_id().binary.hex(), message_id, decide)
        appended = self.append_change(draft)
        if appended is None:
            return Changed(self.apply(message_id), None)
        if self._write(appended.before, appended.after):
            return Changed(appended.after, appended.entry)
        return Changed(self.apply(message_id), appended.entry)

    def apply(self, message_id: Id, record: Record | None = None) -> Record:
        """Write every change into a message's record and return that.

        `record`: as the caller has just read it. Raises NotFound.
        """
        for _ in range(TRIES):
            record = record or self._record(message_id)
            changes = self.changes_after(record)
            if not changes:
                self._unapplied.note_applied(message_id, record["applied_seq"])
                return record
            folded = fold(record, changes)
            if self._write(record, folded):
                return folded
            record = None
        raise RuntimeError(f"{message_id}: its changes could not be applied")

    def current(self, records: Iterable[Record]) -> list[Record]:
        """Return posted entries as of the head that the caller read before, all changes applied."""
        if self._unapplied.none_lately():
            return list(records)
        return [
            self.apply(record["_id"]) if self._unapplied.is_behind(record) else record
            for record in records
        ]

    def changes_after(self, record: Record) -> list[Record]:
        """Return the changes of a message that are not applied to this record yet, in order."""
        query = {
            "room_id": self.room_id,
            "message_id": record["_id"],
            "seq": {"$gt": record["applied_seq"], "$lte": 2**62},
        }
        return sorted(database["log"].find(query), key=lambda change: int(change["seq"]))

    def changes_between(self, message_id: Id, after: int, last: int) -> list[Record]:
        """Return a message's changes after `after` up to `last`, in order.

        Each has its `_id`, `seq` and `event`.
        """
        query = {
            "room_id": self.room_id,
            "message_id": message_id,
            "seq": {"$gt": after, "$lte": last},
        }
        return sorted(
            database["log"].find(query, {"seq": 1, "event": 1}),
            key=lambda change: int(change["seq"]),
        )

    def settle(self) -> None:
        """Apply the changes that are not known to be applied, so that the hint may move on."""
        try:
            for message_id, last_seq in self._unapplied.last_seqs().items():
                try:
                    self.apply(message_id)
                except NotFound:
                    # The log is damaged: `bin/chat verify` reports it, a writer cannot repair it.
                    self._unapplied.note_applied(message_id, last_seq)
        except PyMongoError as error:  # they stay noted: the next call applies them
            logger.warning(
                "changes stay unapplied for now",
                extra={"room_id": str(self.room_id), "reason": str(error)},
            )

    def _state(self, message_id: Id) -> Record:
        """Return the message's record, changes folded in, for the leader. Raises NotFound."""
        record = self._record(message_id)
        if not self._unapplied.is_behind(record):
            return record
        return fold(record, self.changes_after(record))

    def _record(self, message_id: Id) -> Record:
        record = database["log"].find_one({"_id": message_id})
        if record is None or record["room_id"] != self.room_id or "applied_seq" not in record:
            raise NotFound("There is no such message.")
        return record

    def _write(self, record: Record, folded: Record) -> bool:
        """Replace a message's record by the one folded from it; return whether that succeeded.

        It fails if another writer has replaced the record since it was read.
        """
        message_id = record["_id"]
        if "deleted_at" in folded:
            self._blank(record, folded["applied_seq"])
        # Last: a crash before it leaves the old `applied_seq`, so the next reader starts over.
        written = database["log"].replace_one(
            {"_id": message_id, "applied_seq": record["applied_seq"]}, folded
        )
        if written.matched_count:
            self._unapplied.note_applied(message_id, folded["applied_seq"])
        return bool(written.matched_count)

    def _blank(self, record: Record, seq: int) -> None:
        """Remove a deleted message's texts from its changes; run the `when_deleted` actions."""
        earlier = {
            "room_id": self.room_id,
            "message_id": record["_id"],
            "seq": {"$gt": 0, "$lte": seq},
        }
        database["log"].update_many(earlier, {"$unset": dict.fromkeys(TEXTS_OF_CHANGES, "")})
        for action in _when_deleted:
            action(record)


_when_deleted: list[Callable[[Record], None]] = []


def when_deleted(action: Callable[[Record], None]) -> None:
    """Register an action for the last record of every deleted message. It must be idempotent."""
    _when_deleted.append(action)
