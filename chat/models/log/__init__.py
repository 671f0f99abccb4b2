"""The room log: every durable change of a room is one entry with the room's next `seq`, 1, 2, 3, …

The numbers have no gap, and there is no counter. A writer who knows the head h inserts at h+1. If
two writers do so, the unique index on (room_id, seq) admits one of them. The other one reads the
new head and tries again. So every number has an entry, and entry n is never stored before n−1.
docs/architecture.md describes which failures this protects the log from.

room_log.py           RoomLog: the parts of one room's log, and the queries of readers
head.py               the newest entry, as a value
known_head.py         the newest entry: known, announced or forgotten
head_reader.py        the newest entry: searched for in the database
hints.py              where the next search for a head begins
appending.py          which writer inserts, and what happens to the drafts of an insert
drafts.py             entries that have no seq yet
draft_queue.py        the drafts that wait for an insert
placing.py            which drafts go into an insert, and the records that these become
insert_batcher.py     one insert for several rooms
other_writers.py      when other processes wrote
applying.py           writing edits, deletions, reactions and pins into their messages' records
folding.py            computing a message's record after a change
unapplied.py          the changes that a record may lack
record_cache.py       whole entries in memory
steps.py              reading a range in steps
"""

from __future__ import annotations

from collections.abc import Collection

from chat.models.database import database
from chat.models.document import Id
from chat.models.log.drafts import Draft
from chat.models.log.folding import DELETED, EDITED, PINNED, POSTED, REACTED
from chat.models.log.head import EMPTY, Head
from chat.models.log.record_cache import (
    CACHED_ENTRIES,
    LARGEST_CACHED,
    CachedRecord,
    forget_entries,
)
from chat.models.log.room_log import STEP, RoomLog
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
    "STEP",
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


_logs: dict[Id, RoomLog] = {}


def log_of(room_id: Id) -> RoomLog:
    """Return the one RoomLog of a room in this process."""
    return _logs.get(room_id) or _logs.setdefault(room_id, RoomLog(room_id))


def heads_of(room_ids: Collection[Id], *, alone: bool) -> dict[Id, Head]:
    """Return the newest entry of each of these rooms, without a query for each quiet room.

    `alone`: no other process writes, so every head that this process knows is the newest. Otherwise
    one query finds the rooms in which somebody may have written since this process read the head.
    Only the logs of these rooms are read.
    """
    logs = [log_of(room_id) for room_id in room_ids]
    if alone:
        return {log.room_id: log.known_head() or log.head() for log in logs}
    marks = marked_until(room_ids)
    return {log.room_id: log.settled_head(marks.get(log.room_id)) or log.head() for log in logs}


def note_announced(room_id: Id, seq: int) -> None:
    """Note that another process stored an entry, if this process knows the room's log."""
    if room_log := _logs.get(room_id):
        room_log.note_announced(seq)


def seen_heads() -> dict[Id, int]:
    """Return, by room, the newest seq that this process has seen in each log that it knows."""
    return {room_id: room_log.seen_seq for room_id, room_log in list(_logs.items())}


def forget_heads() -> None:
    for room_log in list(_logs.values()):
        room_log.forget_head()


database.when_lost(forget_heads)
