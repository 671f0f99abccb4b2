"""The log of one room, as this process sees it: its parts, and the queries of readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from chat.models.database import Record, database
from chat.models.document import Id, id_from, new_id
from chat.models.floor import NO_FLOOR, Floor
from chat.models.log.appending import Appender
from chat.models.log.applying import ChangeApplier
from chat.models.log.drafts import Appended, Change, Changed, Draft
from chat.models.log.folding import POSTED, without_gone
from chat.models.log.head import Head
from chat.models.log.head_reader import HeadReader
from chat.models.log.hints import Hints
from chat.models.log.insert_batcher import InsertBatcher, inserting
from chat.models.log.known_head import HeadAndTail, KnownHead
from chat.models.log.other_writers import OtherWriters
from chat.models.log.record_cache import find_whole
from chat.models.log.unapplied import UnappliedChanges
from chat.models.room import Room

STEP = 500  # entries deleted at a time


class RoomLog:
    """One room's log. Each part gets the other parts that it needs; no part knows the RoomLog.

    `batcher`: inserts the entries of all rooms of a process.
    """

    def __init__(self, room_id: Id, batcher: InsertBatcher = inserting):
        self.room_id = room_id
        self._other_writers = OtherWriters()
        self._unapplied = UnappliedChanges()
        self._changes = ChangeApplier(room_id, self._unapplied)
        self._hints = Hints(room_id, self._unapplied, self._changes)
        self._reader = HeadReader(room_id, self._unapplied, self._hints)
        self._head = KnownHead(self._reader, self._unapplied)
        self._appender = Appender(
            room_id, self._head, self._changes, self._hints, self._other_writers, batcher
        )

    def append(self, draft: Draft) -> Appended:
        """Store an entry durably, once.

        If a draft has the author and client_id of a stored entry, return that entry. Raises
        Conflict when its content differs from the entry's. Raises Unavailable when nobody knows
        whether the draft was stored: to append it again is safe.
        """
        return self._appender.append(draft)

    def first_result(self, draft: Draft) -> Record:
        """Return the entry stored under a draft's client_id, once this entry is durable.

        Raises Conflict when the content differs, Unavailable.
        """
        return self._appender.first_result(draft)

    def change(
        self, actor_id: Id, message_id: Id, decide: Callable[[Record], Record | None]
    ) -> Changed:
        """Append and apply a change, durably.

        `decide` gets the record as of the head and returns the content of the change, or None when
        there is nothing to change. It is called again when the head moves. Raises NotFound,
        Unavailable, and every exception that `decide` raises.
        """
        floor = self.floor

        def decide_above(record: Record) -> Record | None:
            return decide(without_gone(record, floor))

        change = Change(actor_id, new_id().binary.hex(), message_id, decide_above)
        appended = self._appender.append_change(change)
        if appended is None:
            return Changed(self.apply(message_id), None)
        return Changed(without_gone(self._changes.apply_appended(appended), floor), appended.entry)

    @property
    def floor(self) -> Floor:
        """Return where the room's messages begin, from its record, which may be cached."""
        room = Room.find(self.room_id)
        return room.floor if room else NO_FLOOR

    def erase_gone(self, records: list[Record], floor: Floor) -> int:
        """Erase those of some messages that are below the floor; return how many.

        `records`: posted entries. Raises Unavailable.
        """
        self.head()  # so that the records get all changes up to now
        return self._changes.erase(self._changes.current(records), floor)

    def destroy(self) -> None:
        """Delete every entry of a deleted room, STEP entries at a time."""
        for after in range(0, self.head().seq, STEP):
            database["log"].delete_many(
                {"room_id": self.room_id, "seq": {"$gt": after, "$lte": after + STEP}}
            )
        self.forget_head()

    @property
    def seen_seq(self) -> int:
        """Return the newest seq that this process has seen, even if it forgot the head since."""
        return self._head.seen_seq

    def known_head(self) -> Head | None:
        """Return the newest entry that this process knows without a query, or None."""
        return self._head.known

    def head(self) -> Head:
        """Return the newest entry, which is durable, by a read that began after the call."""
        return self._head.read()

    def head_lately(self, reaching: int) -> Head:
        """Return a head at most 2 s old that reaches `reaching`, or else the newest head."""
        return self._head.read_lately(reaching)

    def settled_head(self, marked_until: datetime | None) -> Head | None:
        """Return the known head, if nobody can have written since it was read; else None.

        `marked_until`: when the room stops being marked as an active room, if it is marked.
        """
        return self._head.settled(marked_until)

    def head_and_tail(self, count: int) -> HeadAndTail:
        """Return the newest entry and about `count` last entries."""
        return self._head.read_with_tail(count)

    def has(self, seq: int) -> bool:
        """Return whether the log has an entry with this seq."""
        return self._reader.has(seq)

    def note_announced(self, seq: int) -> None:
        """Note that another process announced an entry, which it stored durably."""
        self._head.note_announced(seq)
        self._other_writers.note_seen()

    def forget_head(self) -> None:
        """Forget the head, which a failover may have taken back."""
        self._head.forget()

    def apply(self, message_id: Id, record: Record | None = None) -> Record:
        """Write every change into a message's record, and return the record.

        `record`: the message's record, if the caller has just read it. A message below the floor
        gets a tombstone, which is not written. Raises NotFound.
        """
        return without_gone(self._changes.apply(message_id, record), self.floor)

    def current(self, records: Iterable[Record]) -> list[Record]:
        """Return posted entries with all changes up to the head that the caller read before.

        A message below the floor is a tombstone.
        """
        found = self._changes.current(records)
        floor = self.floor
        if floor is NO_FLOOR:
            return found
        return [without_gone(record, floor) for record in found]

    def entries(self, after: int, last: int, fields: Iterable[str] | None = None) -> list[Record]:
        """Return the entries after `after` up to `last`, in order; only `fields`, if given."""
        if last <= after:
            return []
        query = {"room_id": self.room_id, "seq": {"$gt": after, "$lte": last}}
        if fields is None:
            return find_whole(query)
        # The batch size makes the database send all entries in one answer.
        return sorted(
            database["log"].find(query, list(fields), batch_size=last - after + 1).to_list(),
            key=_seq,
        )

    def posted_at(self, seqs: list[int]) -> list[Record]:
        """Return the posted entries among those with some seqs, in order."""
        entries = find_whole({"room_id": self.room_id, "seq": {"$in": seqs}})
        return [each for each in entries if each["event"] == POSTED]

    def messages(self, first: int, last: int) -> list[Record]:
        """Return the posted entries with the ordinals `first`…`last`, in order."""
        if last < first:
            return []
        return find_whole(
            {"room_id": self.room_id, "event": POSTED, "ordinal": {"$gte": first, "$lte": last}}
        )

    def of_kind(self, event: str, fields: Iterable[str]) -> list[Record]:
        """Return every change of one kind, up to the head.

        Use this only for kinds of which a room has few changes.
        """
        query = self._of_kind(event, 0, self.head().ordinal)
        return list(database["log"].find(query, list(fields)))

    def newest_of_kind(self, event: str, first: int, last: int, most: int) -> list[Record]:
        """Return the newest changes of one kind with the ordinals `first`…`last`, `most` at most.

        A change has the ordinal of the message before it. If more than `most` follow one message,
        these are some of them.
        """
        query = self._of_kind(event, first, last)
        return list(database["log"].find(query).sort("ordinal", -1).limit(most))

    def changes_between(self, message_id: Id, after: int, last: int) -> list[Record]:
        """Return a message's changes after `after` up to `last`, in order.

        Each has its `_id`, `seq` and `event`.
        """
        query = {
            "room_id": self.room_id,
            "message_id": message_id,
            "seq": {"$gt": after, "$lte": last},
        }
        return sorted(database["log"].find(query, {"seq": 1, "event": 1}), key=_seq)

    def message_of(self, author_id: str, client_id: str) -> Record | None:
        """Return `_id`, `seq` and `created_at` of the message with this client_id, or None."""
        query = {"room_id": self.room_id, "author_id": id_from(author_id), "client_id": client_id}
        return database["log"].find_one(query, {"seq": 1, "created_at": 1})

    def _of_kind(self, event: str, first: int, last: int) -> Record:
        ordinals = {"$gte": first, "$lte": last}
        return {"room_id": self.room_id, "event": event, "ordinal": ordinals}

    def ordinal_at(self, seq: int) -> int:
        """Return how many messages there are up to and including `seq`.

        `seq` must not be greater than the head's.
        """
        if seq <= 0:
            return 0
        record = database["log"].find_one({"room_id": self.room_id, "seq": seq}, {"ordinal": 1})
        return int(record["ordinal"]) if record else 0


def _seq(record: Record) -> int:
    return int(record["seq"])
