"""Changing what is in the log: an edit, a deletion, a reaction, a pin is one more entry, which names its message.

First it is appended: then it holds. Then it is applied, so that readers of the message need not look for it. A crash
between the two is mended by whoever comes next: the changes after a message's `applied_seq` are folded into it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from pymongo.errors import PyMongoError

from chat.models.database import Record, database
from chat.models.document import Id, new_id
from chat.models.log.appending import Appending
from chat.models.log.drafts import Change
from chat.models.log.folding import TEXTS_OF_CHANGES, fold
from chat.utils.errors import NotFound

TRIES = 100  # at applying, lost against other appliers, each of which did what was to be done

logger = logging.getLogger(__name__)


class Changing(Appending):
    def change(
        self, actor_id: Id, message_id: Id, decide: Callable[[Record], Record | None]
    ) -> Record:
        """The message's record after a change, which is durable and applied.

        `decide` gets the record as of the head and gives what the change consists of, or None when there is nothing to
        change; it may be called again when the head moves, and what it raises is raised here. Raises NotFound, Unavailable.
        """
        draft = Change(actor_id, new_id().binary.hex(), message_id, decide)
        states = self.append_change(draft)
        if states and self._write(
            *states
        ):  # nobody was quicker: what it was decided on need not be read again
            return states[1]
        return self.apply(message_id)

    def apply(self, message_id: Id, record: Record | None = None) -> Record:
        """The message's record with every change written into it. `record`: as it was read just now. Raises NotFound."""
        for _ in range(TRIES):
            record = record or self._record(message_id)
            changes = self.changes_after(record)
            if not changes:
                self._note_applied(message_id, record["applied_seq"])
                return record
            folded = fold(record, changes)
            if self._write(record, folded):
                return folded
            record = None
        raise RuntimeError(f"{message_id}: its changes could not be applied")

    def current(self, records: Iterable[Record]) -> list[Record]:
        """The posted entries as of the head that was asked for before, whether or not their changes are applied yet."""
        if not self._unapplied and not self._applied:
            return list(records)
        return [
            self.apply(record["_id"]) if self._is_behind(record) else record for record in records
        ]

    def changes_after(self, record: Record) -> list[Record]:
        """The changes of a message that are not applied to this record yet, in order."""
        query = {
            "room_id": self.room_id,
            "message_id": record["_id"],
            "seq": {"$gt": record["applied_seq"], "$lte": 2**62},
        }
        return sorted(database["log"].find(query), key=lambda change: int(change["seq"]))

    def changes_between(self, message_id: Id, after: int, last: int) -> list[Record]:
        """The changes of a message after `after` up to `last`, in order: of each its `_id`, `seq` and `event`."""
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
        """Applies the changes that are not known to be applied, so that the hint may go on."""
        try:
            for message_id, (_, last) in list(self._unapplied.items()):
                try:
                    self.apply(message_id)
                except NotFound:  # a damaged log, which `bin/chat verify` names; whoever writes here cannot help it
                    self._note_applied(message_id, last)
        except PyMongoError as error:  # they stay noted: the next one settles them
            logger.warning(
                "changes stay unapplied for now",
                extra={"room_id": str(self.room_id), "reason": str(error)},
            )

    def _state(self, message_id: Id) -> Record:
        """The message's record with the changes folded in that are there, for the one who commits."""
        record = self._record(message_id)
        return fold(record, self.changes_after(record)) if self._is_behind(record) else record

    def _record(self, message_id: Id) -> Record:
        record = database["log"].find_one({"_id": message_id})
        if record is None or record["room_id"] != self.room_id or "applied_seq" not in record:
            raise NotFound("There is no such message.")
        return record

    def _is_behind(self, record: Record) -> bool:
        """Whether a change of the message is known that its record, as it was read, does not hold."""
        message_id = record["_id"]
        known = max(
            self._unapplied.get(message_id, (0, 0))[1], self._applied.get(message_id, (0, 0.0))[0]
        )
        return known > int(record["applied_seq"])

    def _write(self, record: Record, folded: Record) -> bool:
        """Puts a message's folded record in the place of the one that it was folded from; whether that was still there."""
        message_id = record["_id"]
        if "deleted_at" in folded:
            self._blank(record, folded["applied_seq"])
        # Last: until here a crash leaves the old `applied_seq`, and all of this is done once more.
        written = database["log"].replace_one(
            {"_id": message_id, "applied_seq": record["applied_seq"]}, folded
        )
        if written.matched_count:
            self._note_applied(message_id, folded["applied_seq"])
        return bool(written.matched_count)

    def _blank(self, record: Record, seq: int) -> None:
        """What a deleted message said is nowhere any more: not in its changes, not in its pictures."""
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
    """`action` gets the last record of every message that is deleted, perhaps more than once."""
    _when_deleted.append(action)
