"""Head reader: find the newest entry of a room's log in the database."""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.log.head import EMPTY, Head
from chat.models.log.hints import Hints
from chat.models.log.record_cache import find_whole
from chat.models.log.unapplied import UnappliedChanges

STRIDE = 64  # entries read at a time while following a head
STRETCH = 500  # entries searched at a time for changes
_PLACE = {"_id": 0, "seq": 1, "ordinal": 1, "message_id": 1}


class HeadReader:
    """Searches one room's log for its head. It notes the changes that it reads as unapplied."""

    def __init__(self, room_id: Id, unapplied: UnappliedChanges, hints: Hints):
        self._room_id = room_id
        self._unapplied = unapplied
        self._hints = hints

    def has(self, seq: int) -> bool:
        """Return whether the log has an entry with this seq."""
        query = {"room_id": self._room_id, "seq": seq}
        return database["log"].find_one(query, {"_id": 1}) is not None

    def entries(self, first: int, last: int) -> list[Record]:
        """Return the whole entries `first`…`last`, in order, without noting their changes."""
        return find_whole({"room_id": self._room_id, "seq": {"$gte": max(1, first), "$lte": last}})

    def follow(self, known: Head) -> Head | None:
        """Return the newest entry, searching from the entry `known` in ranges with two ends.

        Return None if a failover took the known entry back.
        """
        while True:
            query = {
                "room_id": self._room_id,
                "seq": {"$gte": known.seq, "$lt": known.seq + STRIDE},
            }
            records = list(database["log"].find(query, _PLACE))
            if known.seq and not records:
                return None
            self._unapplied.note(records)
            found = [Head(record["seq"], record["ordinal"]) for record in records]
            newest = max(found, default=EMPTY)
            if newest.seq < known.seq + STRIDE - 1:
                return newest
            known = newest

    def find(self, last_seen: int) -> Head | None:
        """Find the head by doubling steps, then bisection, then `follow` for the last STRIDE.

        Each step looks up one seq, which is enough because a log has no gaps. The search begins at
        the last head seen, or at the hint, and usually takes two look-ups. After a failure a
        process searches for all heads at once. The few look-ups do not overload a database that
        has just come back. Return None if a failover took back an entry found before.
        """
        hint = self._hints.read()
        low = max(last_seen, hint.head_seq)
        if low and not self.has(low):
            high = low
            low = 0
        else:
            step = STRIDE
            while self.has(low + step):
                low += step
                step *= 2
            high = low + step
        while high - low > STRIDE:
            middle = (low + high) // 2
            if self.has(middle):
                low = middle
            else:
                high = middle
        self._note_from(hint.applied_seq, low)
        return self.follow(Head(low, 0))

    def _note_from(self, applied_hint: int, seq: int) -> None:
        """Note the changes after `applied_hint` up to `seq`, because they may not be applied."""
        start = min(applied_hint, seq)
        self._unapplied.begin_at(start)
        for after in range(start, seq, STRETCH):
            query = {
                "room_id": self._room_id,
                "seq": {"$gt": after, "$lte": min(after + STRETCH, seq)},
            }
            self._unapplied.note(list(database["log"].find(query, _PLACE)))
