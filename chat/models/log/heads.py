"""The head of a room's log: found, followed, and forgotten when it may have been taken back."""

from __future__ import annotations

import logging
import threading
from typing import NamedTuple

from pymongo.errors import PyMongoError

from chat.models.database import database
from chat.models.document import Id

STRIDE = 64              # entries read at a time while following a head
_PLACE = {"_id": 0, "seq": 1, "ordinal": 1}

logger = logging.getLogger(__name__)


class Head(NamedTuple):
    """The newest entry of a room: its place, and how many messages there are up to and including it."""

    seq: int
    ordinal: int


EMPTY = Head(0, 0)


class Heads:
    """What this process knows of the head of one room's log."""

    def __init__(self, room_id: Id):
        self.room_id = room_id
        self._head: Head | None = None
        self._epoch = 0  # how often heads were dropped
        self._lock = threading.Lock()

    def head(self) -> Head:
        """The newest entry, by a majority read; durable, so that it may be told and built upon."""
        epoch, known = self._epoch, self._head
        found = self._follow(known) if known else self._find_head()
        if found != known:
            database.flush()  # somebody else wrote it, or we are just about to be told that it is kept
        with self._lock:
            # Not if all heads were dropped meanwhile, and never behind what a commit made known meanwhile.
            if epoch == self._epoch and (self._head is None or self._head.seq <= found.seq):
                self._head = found
        return found

    def forget_head(self) -> None:
        """What is known of the head may have been taken back: find it anew before building upon it."""
        with self._lock:
            self._epoch += 1
            self._head = None

    def _follow(self, known: Head) -> Head:
        """The newest entry from a known one on, in ranges bounded at both ends."""
        while True:
            query = {"room_id": self.room_id, "seq": {"$gte": known.seq, "$lt": known.seq + STRIDE}}
            found = [Head(record["seq"], record["ordinal"]) for record in database["log"].find(query, _PLACE)]
            if known.seq and not found:  # the known one is gone: it had been taken back
                self.forget_head()
                return self._find_head()
            newest = max(found, default=EMPTY)
            if newest.seq < known.seq + STRIDE - 1:
                return newest
            known = newest

    def _find_head(self) -> Head:
        """Doubling and bisection with point look-ups; density makes that valid. The hint only says where to begin."""
        room = database["rooms"].find_one({"_id": self.room_id}, {"head_hint": 1}) or {}
        low, step = int(room.get("head_hint", 0)), 1
        if low and not self._is_there(low):
            low, high = 0, low
        else:
            while self._is_there(low + step):
                low, step = low + step, step * 2
            high = low + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._is_there(middle) else (low, middle)
        return self._follow(Head(low, 0))

    def _is_there(self, seq: int) -> bool:
        return database["log"].find_one({"room_id": self.room_id, "seq": seq}, {"_id": 1}) is not None

    def _leave_hint(self, seq: int) -> None:
        try:
            database["rooms"].update_one({"_id": self.room_id}, {"$max": {"head_hint": seq}})
        except PyMongoError as error:  # only a hint: the next search begins a little earlier
            logger.warning("the hint of a room's head was not written", extra={"room_id": str(self.room_id), "reason": str(error)})
