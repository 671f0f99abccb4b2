"""The head of a room's log: found, followed, and forgotten when it may have been taken back."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from chat.models.database import Record, database, seconds_left
from chat.models.document import Id
from chat.models.log.hints import Hints
from chat.models.log.other_writers import OtherWriters
from chat.models.log.record_cache import find_whole
from chat.models.log.unapplied import UnappliedChanges
from chat.models.peers.active_rooms import MARKS_LAST
from chat.utils.clock import now
from chat.utils.single_flight import SingleFlight

STRIDE = 64  # entries read at a time while following a head
STRETCH = 500  # entries searched at a time for changes
LATELY_SECONDS = 2.0  # how old a head may be for `head_lately`
_PLACE = {"_id": 0, "seq": 1, "ordinal": 1, "message_id": 1}


class Head(NamedTuple):
    """The newest entry of a room: its seq, and how many messages there are up to and with it."""

    seq: int
    ordinal: int


EMPTY = Head(0, 0)


class HeadAndTail(NamedTuple):
    """The newest entry of a room as `head`, and whole entries up to it in order."""

    head: Head
    tail: list[Record]


class Heads:
    """What this process knows of the head of one room's log."""

    def __init__(self, room_id: Id):
        self.room_id = room_id
        self._head: Head | None = None
        self._head_read_at = 0.0  # the moment at which that was the head, or later
        self._last_seen = 0  # the head when this process forgot it: a search begins there
        self._epoch = 0  # how often this process forgot the head
        self._announced = 0  # the newest entry that another process announced
        self._other_writers = OtherWriters()
        self._unapplied = UnappliedChanges()
        self._hints = Hints(room_id, self._unapplied)
        self._lock = threading.Lock()
        self._shared_read = SingleFlight(self._read_head, seconds_left)

    @property
    def known_seq(self) -> int:
        """Return the newest seq that this process knows without asking; 0 when it knows none."""
        return self._head.seq if self._head else 0

    @property
    def seen_seq(self) -> int:
        """Return the newest seq that this process has seen, even if it forgot the head since."""
        return self._head.seq if self._head else self._last_seen

    def known_head(self) -> Head | None:
        """Return the newest entry that this process knows without asking."""
        return self._head

    def note_announced(self, seq: int) -> None:
        """Note that another process announced this entry, which it stored durably.

        This is a hint: nobody appends to a head that was not read.
        """
        self._announced = max(self._announced, seq)
        self._other_writers.note_seen()

    def head(self) -> Head:
        """Return the newest entry, by a majority read that began after the call.

        It is durable, so callers may send it and append after it. Single flight: when many clients
        reconnect at once, they share one query.
        """
        return self._shared_read.ask()

    def settled_head(self, marked_until: datetime | None) -> Head | None:
        """Return the known head, if nobody can have written since it was read; else None.

        `marked_until`: when the mark ends by which people write there. A writer marks the
        room first, and the mark outlasts the write by 40 s or more. So a mark that had ended when
        the head was read is of earlier writes, even where clocks differ by half a minute.
        """
        known = self._head
        age = time.monotonic() - self._head_read_at
        if known is None or known.seq < self._announced:
            return None
        if marked_until is None:
            is_settled = age < MARKS_LAST.total_seconds()
        else:
            is_settled = marked_until < now() - timedelta(seconds=age)
        return known if is_settled else None

    def head_lately(self, reaching: int) -> Head:
        """Return a head at most LATELY_SECONDS old if it reaches `reaching`, else a new one.

        Either is durable.
        """
        known = self._head
        is_late = time.monotonic() - self._head_read_at >= LATELY_SECONDS
        if known is None or known.seq < reaching or is_late:
            return self.head()
        return known

    def _read_head(self) -> Head:
        epoch = self._epoch
        known = self._head
        moment = time.monotonic()
        found = self._follow(known) if known else self._find_head()
        self._learn(found, known, epoch, moment)
        return found

    def _learn(self, found: Head, known: Head | None, epoch: int, moment: float) -> None:
        """Store a head that was read, after making it durable."""
        if found != known and found.seq > self._announced:
            # Another process wrote it, or an insert of this one is not acknowledged yet.
            database.flush()
        # An announced entry that is not there must not cause a query on every call.
        self._announced = min(self._announced, found.seq)
        with self._lock:
            # Meanwhile this process may have forgotten the head, or a commit may have moved it on.
            if epoch == self._epoch and (self._head is None or self._head.seq <= found.seq):
                self._head = found
                self._head_read_at = moment

    def head_and_tail(self, count: int) -> HeadAndTail:
        """Return the newest entry and about `count` last entries.

        This takes one query if the head is known.
        """
        known = self._head
        if known is None:
            return self._read_head_and_tail(count)
        epoch = self._epoch
        moment = time.monotonic()
        records = self._stretch(known.seq - count + 1, known.seq + STRIDE - 1)
        if (
            not records
            or records[-1]["seq"] < known.seq
            or records[-1]["seq"] == known.seq + STRIDE - 1
        ):
            return self._read_head_and_tail(count)  # taken back, or far ahead
        found = Head(records[-1]["seq"], records[-1]["ordinal"])
        self._unapplied.note([record for record in records if record["seq"] >= known.seq])
        self._learn(found, known, epoch, moment)
        return HeadAndTail(found, records)

    def _read_head_and_tail(self, count: int) -> HeadAndTail:
        head = self.head()
        return HeadAndTail(head, self._stretch(head.seq - count + 1, head.seq))

    def _stretch(self, first: int, last: int) -> list[Record]:
        return find_whole({"room_id": self.room_id, "seq": {"$gte": max(1, first), "$lte": last}})

    def forget_head(self) -> None:
        """Forget the head, which a failover may have taken back; search for it before appending."""
        with self._lock:
            self._epoch += 1
            self._last_seen = self.known_seq or self._last_seen
            self._head = None
            self._unapplied.forget_noted()

    def _head_to_build_upon(self) -> Head:
        """Return the known head without a query, unless another process announced a newer one.

        If the known head is behind, the insert fails on its seq.
        """
        known = self._head
        if known and known.seq >= self._announced:
            return known
        return self.head()

    def _take_head(self, stored: list[Record]) -> Head:
        """Move the head to the last of this process's own acknowledged entries; return it."""
        head = Head(stored[-1]["seq"], stored[-1]["ordinal"])
        self._head = head
        self._head_read_at = time.monotonic()
        self._unapplied.note(stored)
        return head

    def _follow(self, known: Head) -> Head:
        """Return the newest entry, searching from a known one in ranges bounded at both ends."""
        while True:
            query = {"room_id": self.room_id, "seq": {"$gte": known.seq, "$lt": known.seq + STRIDE}}
            records = list(database["log"].find(query, _PLACE))
            if known.seq and not records:  # a failover took the known entry back
                self.forget_head()
                return self._find_head()
            self._unapplied.note(records)
            found = [Head(record["seq"], record["ordinal"]) for record in records]
            newest = max(found, default=EMPTY)
            if newest.seq < known.seq + STRIDE - 1:
                return newest
            known = newest

    def _find_head(self) -> Head:
        """Find the head by doubling and bisection with point look-ups, down to a STRIDE.

        This is valid because a log has no holes. The search begins at the last head seen, or at the
        hint, and usually takes two look-ups. After a failure this process searches for every head
        at once, which must not overload a database that has just come back.
        """
        hint = self._hints.read()
        low = max(self._last_seen, hint.head_seq)
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
        return self._follow(Head(low, 0))

    def _note_from(self, applied_hint: int, seq: int) -> None:
        """Note the changes after the applied hint up to `seq`; they may not be applied."""
        start = min(applied_hint, seq)
        self._unapplied.begin_at(start)
        for after in range(start, seq, STRETCH):
            query = {
                "room_id": self.room_id,
                "seq": {"$gt": after, "$lte": min(after + STRETCH, seq)},
            }
            self._unapplied.note(list(database["log"].find(query, _PLACE)))

    def has(self, seq: int) -> bool:
        """Return whether the log has an entry with this seq."""
        return (
            database["log"].find_one({"room_id": self.room_id, "seq": seq}, {"_id": 1}) is not None
        )
