"""Expired messages: raise a room's floor, which takes them from everybody, and erase them.

The floor is one write, and only ever rises. `erased_to` of a room's record says up to which entry
its gone messages are erased, and `kept_pins` which messages before it are pinned and stay. Erasing
is idempotent and stores its progress last, so a crash only repeats work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.floor import Floor
from chat.models.log import POSTED, Head, log_of
from chat.models.room import Room
from chat.models.search import indexer
from chat.utils.chunks import chunks_of
from chat.utils.clock import now

STEP = 200  # entries, after which the search index and the progress are written
AT_ONCE = 5  # messages in one write: the embedded database lets nobody else write meanwhile

# Called with the seconds of each write; it waits, so that others have the database meanwhile.
Pace = Callable[[float], None]


def raise_floor(room: Room, cutoff: datetime, *, keeps_pinned: bool) -> bool:
    """Let everything be gone that was posted before `cutoff`. Return whether the floor rose.

    `keeps_pinned`: pinned messages stay.
    """
    before = room.floor
    place = _last_before(room, cutoff)
    if place is None and (keeps_pinned or before.pins_seq == before.seq):
        return False
    seq, ordinal = (place.seq + 1, place.ordinal) if place else (before.seq, before.ordinal)
    pins_seq = before.pins_seq if keeps_pinned else seq
    risen = {"kept_from": seq, "gone_messages": ordinal, "pins_kept_from": pins_seq}
    database["rooms"].update_one({"_id": room.id}, {"$max": risen, "$set": {"floor_at": now()}})
    Room.forget(room.id)
    return True


def count(room: Room, cutoff: datetime) -> int:
    """Return how many messages `raise_floor` would take at most: some may be deleted or pinned."""
    place = _last_before(room, cutoff)
    return place.ordinal - room.floor.ordinal if place else 0


def erase_some(room_id: Id, pace: Pace) -> int | None:
    """Erase gone messages among the next STEP entries. Return how many; None if none are left.

    The search index loses them, too. Raises Unavailable, IndexBusy.
    """
    record = database["rooms"].find_one({"_id": room_id}) or {}
    floor = Floor.of(record)
    after = int(record.get("erased_to", 0))
    last = min(after + STEP, floor.seq - 1)
    pins: list[Id] = record.get("kept_pins", [])
    unpinned = [pin for pin in _posted(database.find_by_ids("log", pins)) if floor.hides(pin)]
    if last <= after and not unpinned:
        return None
    log = log_of(room_id)
    entries = _posted(log.entries(after, last)) + unpinned
    erased = 0
    for some in chunks_of(entries, AT_ONCE):
        began = time.monotonic()
        erased += log.erase_gone(some, floor)
        pace(time.monotonic() - began)
    # Also what an attempt erased that a crash ended before it reached the index.
    gone = database.find_by_ids("log", [each["_id"] for each in entries])
    indexer.forget_messages(room_id, [each for each in gone if "deleted_at" in each])
    left = [each["_id"] for each in gone if "deleted_at" not in each]
    kept = [*(pin for pin in pins if pin not in {each["_id"] for each in unpinned}), *left]
    progress = {"erased_to": max(last, after), "kept_pins": kept}
    database["rooms"].update_one({"_id": room_id}, {"$set": progress})
    return erased


def _posted(records: list[Record]) -> list[Record]:
    return [record for record in records if record["event"] == POSTED]


def _last_before(room: Room, cutoff: datetime) -> Head | None:
    """Return the last entry made before `cutoff`; None if it is below the floor already.

    Entries are in the order of time, up to differences between clocks.
    """
    low = room.floor.seq - 1  # everything up to it is too old
    high = log_of(room.id).head().seq + 1
    found = None
    while high - low > 1:
        # The next one first: mostly nothing is too old.
        middle = low + 1 if found is None else (low + high) // 2
        entry = database["log"].find_one(
            {"room_id": room.id, "seq": middle}, {"created_at": 1, "ordinal": 1}
        )
        if entry and entry["created_at"] < cutoff:
            low = middle
            found = Head(middle, int(entry["ordinal"]))
        else:
            high = middle
    return found
