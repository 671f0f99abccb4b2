"""How far somebody has read a room, and what waits for them there.

Counts are derived from the log, never stored, so they cannot drift. Each process remembers the newest entries of the
rooms it serves, because opening the chat asks for the counts of every room at once.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from chat.models.document import Id
from chat.models.log import POSTED, log_of
from chat.models.membership import Membership

MOST = 1_000    # counts are exact up to here, and this from here on
FARTHEST = 5_000  # entries that are looked at for a count; who has more of their own among them is told a little less
CHUNK = 200     # entries read at a time while going back


@dataclass(frozen=True)
class Reading:
    """`read_seq`: all up to it is read. `unread`: others' messages after it; `mentions`: those of them that name the reader."""

    head_seq: int
    read_seq: int
    unread: int
    mentions: int = 0

    @classmethod
    def of(cls, membership: Membership) -> Reading:
        """Where a member stands, by the head of this moment."""
        return recent_of(membership.room.id).reading(membership)


class Recent:
    """A room's newest entries, without gaps: of each only whose message it is."""

    def __init__(self, room_id: Id):
        self._log = log_of(room_id)
        self._first = 1                             # seq of the oldest one remembered
        self._authors: deque[Id | None] = deque()   # None: not a message
        self._started = False
        self._lock = threading.Lock()

    def reading(self, membership: Membership) -> Reading:
        head_seq = self._log.head().seq
        with self._lock:
            self._reach(head_seq)
            return self._count(membership, head_seq)

    def _count(self, membership: Membership, head_seq: int) -> Reading:
        unread, seq = 0, head_seq
        while seq > max(membership.read_seq, head_seq - FARTHEST) and unread < MOST:
            if seq < self._first:
                self._go_back()
            author = self._authors[seq - self._first]
            if author == membership.user_id and seq > membership.unread_mark:
                return Reading(head_seq, seq, unread)  # who writes has read what came before
            unread += author is not None and author != membership.user_id
            seq -= 1
        return Reading(head_seq, min(membership.read_seq, head_seq), unread)

    def _reach(self, head_seq: int) -> None:
        known = self._first + len(self._authors) - 1
        if not self._started or head_seq < self._first - 1 or head_seq - known > MOST:
            self._authors.clear()  # new, taken back, or too far ahead: begin at the head
            self._first, self._started = head_seq + 1, True
            return
        self._authors.extend(self._read(known, head_seq))
        while len(self._authors) > 2 * MOST:
            self._authors.popleft()
            self._first += 1

    def _go_back(self) -> None:
        after = max(0, self._first - 1 - CHUNK)
        self._authors.extendleft(reversed(self._read(after, self._first - 1)))
        self._first = after + 1

    def _read(self, after: int, last: int) -> list[Id | None]:
        records = self._log.entries(after, last, ("seq", "event", "author_id"))
        return [record["author_id"] if record["event"] == POSTED else None for record in records]


_recents: dict[Id, Recent] = {}


def recent_of(room_id: Id) -> Recent:
    return _recents.setdefault(room_id, Recent(room_id))
