"""The room log: every durable change of a room is one entry with the room's next `seq`, 1, 2, 3, …

The numbers have no hole, and there is no counter. A writer who knows the head h inserts at h+1.
The unique index on (room_id, seq) admits one of two writers; the other follows the head and tries
again. So no number is used up without an entry, and entry n is never there before n−1.
docs/architecture.md describes what this protects, and from what.

heads.py              the newest entry: known, read, announced or forgotten
appending.py          who inserts, and what becomes of what waited
draft_queue.py        what waits (drafts.py), each author's client_id once
placing.py            which drafts go into an insert, and as what records
insert_batcher.py     one insert for several rooms
changing.py           edits, deletions, reactions, pins: appended, then applied
folding.py            what a change does to its message's record
unapplied.py          the changes that a record may lack
other_writers.py      when other processes wrote
hints.py              where the next search for a head begins
record_cache.py       whole entries in memory
steps.py              reading a range in steps
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from chat.models.database import Record, database
from chat.models.document import Id, id_from
from chat.models.log.changing import Changing
from chat.models.log.drafts import Draft
from chat.models.log.folding import DELETED, EDITED, PINNED, POSTED, REACTED
from chat.models.log.heads import EMPTY, Head
from chat.models.log.record_cache import (
    CACHED_ENTRIES,
    LARGEST_CACHED,
    CachedRecord,
    find_whole,
    forget_entries,
)
from chat.models.peers.active_rooms import marked_until

__all__ = [
    "CACHED_ENTRIES",
    "DELETED",
    "EDITED",
    "EMPTY",
    "LARGEST_CACHED",
    "PINNED",
    "POSTED",
    "REACTED",
    "CachedRecord",
    "Draft",
    "Head",
    "RoomLog",
    "forget_entries",
    "heads_of",
    "log_of",
    "note_announced",
    "seen_heads",
]


STEP = 500  # entries deleted at a time


class RoomLog(Changing):
    """One room's log, as this process sees it."""

    def entries(self, after: int, last: int, fields: Iterable[str] | None = None) -> list[Record]:
        """Return the entries after `after` up to `last`, in order; only `fields`, if given."""
        if last <= after:
            return []
        query = {"room_id": self.room_id, "seq": {"$gt": after, "$lte": last}}
        if fields is None:
            return find_whole(query)
        # The batch size makes the database send all of them in one answer.
        return sorted(
            database["log"].find(query, list(fields), batch_size=last - after + 1).to_list(),
            key=_seq,
        )

    def messages(self, first: int, last: int) -> list[Record]:
        """Return the posted entries with the ordinals `first`…`last`, in order."""
        if last < first:
            return []
        return find_whole(
            {"room_id": self.room_id, "event": POSTED, "ordinal": {"$gte": first, "$lte": last}}
        )

    def of_kind(self, event: str, fields: Iterable[str]) -> list[Record]:
        """Return every change of one kind, up to the head: for kinds of which a room has few."""
        query = {
            "room_id": self.room_id,
            "event": event,
            "ordinal": {"$gte": 0, "$lte": self.head().ordinal},
        }
        return list(database["log"].find(query, list(fields)))

    def destroy(self) -> None:
        """Delete every entry of a room that is gone, STEP entries at a time."""
        for after in range(0, self.head().seq, STEP):
            database["log"].delete_many(
                {"room_id": self.room_id, "seq": {"$gt": after, "$lte": after + STEP}}
            )
        self.forget_head()

    def message_of(self, author_id: str, client_id: str) -> Record | None:
        """Return `_id`, `seq`, `created_at` of an author's message by client_id, if stored."""
        query = {"room_id": self.room_id, "author_id": id_from(author_id), "client_id": client_id}
        return database["log"].find_one(query, {"seq": 1, "created_at": 1})

    def ordinal_at(self, seq: int) -> int:
        """Return how many messages there are up to and with `seq`, which must not pass the head."""
        if seq <= 0:
            return 0
        record = database["log"].find_one({"room_id": self.room_id, "seq": seq}, {"ordinal": 1})
        return int(record["ordinal"]) if record else 0


def _seq(record: Record) -> int:
    return int(record["seq"])


_logs: dict[Id, RoomLog] = {}


def log_of(room_id: Id) -> RoomLog:
    """Return the one RoomLog of a room in this process."""
    return _logs.get(room_id) or _logs.setdefault(room_id, RoomLog(room_id))


def heads_of(room_ids: Collection[Id], *, alone: bool) -> dict[Id, Head]:
    """Return the newest entry of each of these rooms, without a query for those that are quiet.

    `alone`: no other process writes, so what this one knows is true. Otherwise one query finds the
    rooms where somebody may have written since this process looked; it reads only those logs.
    """
    logs = [log_of(room_id) for room_id in room_ids]
    if alone:
        return {log.room_id: log.known_head() or log.head() for log in logs}
    marks = marked_until(room_ids)
    return {log.room_id: log.settled_head(marks.get(log.room_id)) or log.head() for log in logs}


def note_announced(room_id: Id, seq: int) -> None:
    """Note that another process stored an entry of a room, if this process knows that log."""
    if room_log := _logs.get(room_id):
        room_log.note_announced(seq)


def seen_heads() -> dict[Id, int]:
    """Return the newest seq that this process has seen of each log that it knows, by room."""
    return {room_id: room_log.seen_seq for room_id, room_log in list(_logs.items())}


def forget_heads() -> None:
    for room_log in list(_logs.values()):
        room_log.forget_head()


database.when_lost(forget_heads)
