"""The known head: the newest entry of a room's log, as far as this process knows.

The process reads the head, moves it on with its own inserts, and forgets it when a failover may
have taken the entry back.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from chat.models.database import Record, database, seconds_left
from chat.models.log.head import Head
from chat.models.log.head_reader import STRIDE, HeadReader
from chat.models.log.unapplied import UnappliedChanges
from chat.models.peers.active_rooms import MARKS_LAST
from chat.utils.clock import now
from chat.utils.single_flight import SingleFlight

LATELY_SECONDS = 2.0  # how old a head may be for `read_lately`


class HeadAndTail(NamedTuple):
    """The newest entry of a room as `head`, and whole entries up to it in order."""

    head: Head
    tail: list[Record]


class KnownHead:
    """The head of one room's log, as far as this process knows.

    `known`: the newest entry that the process knows without a query, or None. Only this class
    assigns `known`.
    """

    def __init__(self, reader: HeadReader, unapplied: UnappliedChanges):
        self.known: Head | None = None
        self._reader = reader
        self._unapplied = unapplied
        self._read_at = 0.0  # when `known` was the head, or when the insert of it was acknowledged
        self._last_seen = 0  # the seq of the head that this process forgot: a search begins there
        self._epoch = 0  # how often this process forgot the head
        self._announced = 0  # the newest seq that another process announced
        self._lock = threading.Lock()
        self._shared_read = SingleFlight(self._read, seconds_left)

    @property
    def seen_seq(self) -> int:
        """Return the newest seq that this process has seen, even if it forgot the head since."""
        return self.known.seq if self.known else self._last_seen

    def note_announced(self, seq: int) -> None:
        """Note that another process announced an entry, which it stored durably.

        This is only a hint: before it appends, this process reads the head.
        """
        self._announced = max(self._announced, seq)

    def read(self) -> Head:
        """Return the newest entry, by a majority read that began after the call.

        The entry is durable, so callers may send it and append after it. When many clients
        reconnect at once, they share one query (single flight).
        """
        return self._shared_read.ask()

    def settled(self, marked_until: datetime | None) -> Head | None:
        """Return the known head, if nobody can have written since it was read; else None.

        `marked_until`: when the room stops being marked as an active room, if it is marked. A
        writer marks the room first, and the mark outlasts the write by 40 s or more. So a mark that
        ended before the head was read comes from earlier writes, even if clocks differ by 30 s.
        """
        known = self.known
        age = time.monotonic() - self._read_at
        if known is None or known.seq < self._announced:
            return None
        if marked_until is None:
            is_settled = age < MARKS_LAST.total_seconds()
        else:
            is_settled = marked_until < now() - timedelta(seconds=age)
        return known if is_settled else None

    def read_lately(self, reaching: int) -> Head:
        """Return a durable head that is at most LATELY_SECONDS old and reaches `reaching`.

        If this process knows none, return the newest head.
        """
        known = self.known
        is_late = time.monotonic() - self._read_at >= LATELY_SECONDS
        if known is None or known.seq < reaching or is_late:
            return self.read()
        return known

    def to_build_upon(self) -> Head:
        """Return the known head without a query, unless another process announced a newer one.

        If the known head is out of date, the insert fails on its seq, which does no harm.
        """
        known = self.known
        if known and known.seq >= self._announced:
            return known
        return self.read()

    def take(self, stored: list[Record]) -> Head:
        """Move the head to the last of `stored`, which this process inserted. Return the head.

        The database has acknowledged these entries.
        """
        head = Head(stored[-1]["seq"], stored[-1]["ordinal"])
        self.known = head
        self._read_at = time.monotonic()
        self._unapplied.note(stored)
        return head

    def forget(self) -> None:
        """Forget the head, which a failover may have taken back. The next append reads it again."""
        with self._lock:
            self._epoch += 1
            self._last_seen = self.seen_seq
            self.known = None
            self._unapplied.forget_noted()

    def read_with_tail(self, count: int) -> HeadAndTail:
        """Return the newest entry and about `count` last entries.

        This takes one query if the head is known.
        """
        known = self.known
        if known is None:
            return self._read_before_tail(count)
        epoch = self._epoch
        moment = time.monotonic()
        records = self._reader.entries(known.seq - count + 1, known.seq + STRIDE - 1)
        if (
            not records
            or records[-1]["seq"] < known.seq
            or records[-1]["seq"] == known.seq + STRIDE - 1
        ):
            # A failover took back the known head, or the newest entry is far ahead of it.
            return self._read_before_tail(count)
        found = Head(records[-1]["seq"], records[-1]["ordinal"])
        self._unapplied.note([record for record in records if record["seq"] >= known.seq])
        self._learn(found, known, epoch, moment)
        return HeadAndTail(found, records)

    def _read_before_tail(self, count: int) -> HeadAndTail:
        head = self.read()
        return HeadAndTail(head, self._reader.entries(head.seq - count + 1, head.seq))

    def _read(self) -> Head:
        epoch = self._epoch
        known = self.known
        moment = time.monotonic()
        found = self._reader.follow(known) if known else self._reader.find(self._last_seen)
        while found is None:  # a failover took back the entry from which this search began
            self.forget()
            found = self._reader.find(self._last_seen)
        self._learn(found, known, epoch, moment)
        return found

    def _learn(self, found: Head, known: Head | None, epoch: int, moment: float) -> None:
        """Store a head that was read, after making it durable."""
        if found != known and found.seq > self._announced:
            # Another process wrote the entry, or the database has not acknowledged our own insert.
            database.flush()
        # An announced entry that the log does not have must not cause a query on every call.
        self._announced = min(self._announced, found.seq)
        with self._lock:
            # Meanwhile this process may have forgotten the head, or a commit may have moved it on.
            if epoch == self._epoch and (self.known is None or self.known.seq <= found.seq):
                self.known = found
                self._read_at = moment
