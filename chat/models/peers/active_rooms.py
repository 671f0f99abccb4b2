"""Active rooms: the rooms in which people write now.

Every process polls active rooms for entries that the queue did not deliver. A process marks a room
before the first entry of a busy period. So an entry that nobody announced is in a marked room.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from datetime import datetime, timedelta

from chat.models.database import database
from chat.models.document import Id
from chat.utils.clock import now

MARKED_FOR = timedelta(seconds=60)
MARK_AGAIN = 20.0  # seconds for which a mark is fresh
MARKS_LAST = timedelta(minutes=55)  # the database deletes an expired mark after an hour
AHEAD = timedelta(days=1)  # later than every mark: the upper end of a range
_marked: dict[Id, float] = {}  # room -> the monotonic time until which its mark is fresh, in order
_lock = threading.Lock()


def mark(room_id: Id, *, for_others: bool) -> None:
    """Mark a room as active, before an entry is appended to its log.

    `for_others`: whether other processes need the mark.
    """
    moment = time.monotonic()
    if _marked.get(room_id, 0.0) > moment:
        return
    if for_others:
        database["active_rooms"].update_one(
            {"_id": room_id}, {"$set": {"until": now() + MARKED_FOR}}, upsert=True
        )
    with _lock:
        _marked.pop(room_id, None)
        _marked[room_id] = moment + MARK_AGAIN
        while _marked[oldest := next(iter(_marked))] <= moment:
            del _marked[oldest]


def marked_until(room_ids: Collection[Id]) -> dict[Id, datetime]:
    """Return when the mark of each of these rooms ends, without marks older than an hour."""
    records = database.find_by_ids("active_rooms", list(room_ids), "until")
    return {record["_id"]: record["until"] for record in records}


def active_here() -> list[Id]:
    """Return the rooms in which people wrote through this process within MARK_AGAIN."""
    moment = time.monotonic()
    with _lock:
        return [room_id for room_id, until in _marked.items() if until > moment]


def active_anywhere() -> list[Id]:
    """Return the rooms in which people wrote within MARKED_FOR, through any process."""
    query = {"until": {"$gte": now(), "$lt": now() + AHEAD}}
    return [record["_id"] for record in database["active_rooms"].find(query, {"_id": 1})]
