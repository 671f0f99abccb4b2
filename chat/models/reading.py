"""Readings: how far a person has read a room, and how many messages are unread.

Each process computes the counts from the log and never stores them, so the counts cannot become
wrong. It caches the newest entries of rooms, because a client that opens the chat needs the counts
of many rooms.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from chat.models.database import Record
from chat.models.document import Id
from chat.models.log import DELETED, EDITED, POSTED, heads_of, log_of
from chat.models.membership import Membership

MOST = 1_000  # counts are exact up to this number, and never larger
# A count examines at most so many entries. So the count may be too low for a person who wrote many
# of these entries.
FARTHEST = 5_000
# How many entries one read takes while going back in the log. The number grows from FEW to MANY,
# because most people have read or written lately.
FEW = 50
MANY = 400
MOST_ROOMS = 2_000  # whose newest entries a process caches


@dataclass(frozen=True)
class Reading:
    """How far a person has read a room.

    `read_seq`: the person has read all entries up to this seq. `unread`: the number of other
    people's messages after `read_seq`. `mentions`: the number of unread messages that name the
    person.
    """

    head_seq: int
    read_seq: int
    unread: int
    mentions: int = 0

    @classmethod
    def of(cls, membership: Membership) -> Reading:
        """Return a member's reading as of the current head."""
        return recent_of(membership.room.id).reading(membership)

    @classmethod
    def of_many(cls, memberships: Iterable[Membership], *, alone: bool) -> dict[Id, Reading]:
        """Return a person's readings of some rooms, by room. `alone`: as for `heads_of`."""
        mine = {membership.room.id: membership for membership in memberships}
        heads = heads_of(mine, alone=alone)
        return {
            room_id: recent_of(room_id).reading(membership, heads[room_id].seq)
            for room_id, membership in mine.items()
        }

    @classmethod
    def at(cls, membership: Membership, head_seq: int) -> Reading:
        """Return a member's reading when `head_seq`, which must exist, is the newest entry."""
        return recent_of(membership.room.id).reading(membership, head_seq)


class Post(NamedTuple):
    """The fields of a message that a count needs."""

    author_id: Id
    mentions: tuple[Id, ...]
    mentions_room: bool
    deleted: bool  # then the message is not unread, but its author still has read up to it


class Recent:
    """A room's newest entries, without gaps: a Post for each message, None for each change."""

    def __init__(self, room_id: Id):
        self._log = log_of(room_id)
        self._first = 1  # seq of the oldest cached entry
        self._posts: deque[Post | None] = deque()
        self._at_a_time = FEW
        # seq of a message older than the cached ones -> its last change that affects counts
        self._changed: dict[int, Record] = {}
        self._started = False
        self._lock = threading.Lock()

    def reading(self, membership: Membership, head_seq: int | None = None) -> Reading:
        if head_seq is None:
            head_seq = self._log.head().seq
        with self._lock:
            self._reach(head_seq)
            return self._count(membership, head_seq)

    def seen_seqs(self, memberships: list[Membership]) -> dict[Id, int]:
        """Return how far members have ever read: person -> seq.

        A person who wrote one of the MOST newest entries has read up to that entry.
        """
        head_seq = self._log.head().seq
        found = {
            membership.user_id: min(membership.seen_seq, head_seq) for membership in memberships
        }
        missing = set(found)
        with self._lock:
            self._reach(head_seq)
            for seq in range(
                head_seq, max(head_seq - MOST, min(found.values(), default=head_seq)), -1
            ):
                if seq < self._first:
                    self._go_back()
                post = self._posts[seq - self._first]
                if post and post.author_id in missing:
                    missing.remove(post.author_id)
                    found[post.author_id] = max(found[post.author_id], seq)
        return found

    def _count(self, membership: Membership, head_seq: int) -> Reading:
        unread = 0
        mentions = 0
        seq = head_seq
        # What the room does not keep any more counts as read.
        read_seq = min(max(membership.read_seq, membership.room.floor.seq - 1), head_seq)
        while seq > max(read_seq, head_seq - FARTHEST) and unread < MOST:
            if seq < self._first:
                self._go_back()
            post = self._posts[seq - self._first]
            if post and post.author_id != membership.user_id:
                if not post.deleted:
                    unread += 1
                    if post.mentions_room or membership.user_id in post.mentions:
                        mentions += 1
            elif post and seq > membership.unread_mark:
                # The author of a message has read all earlier messages.
                return Reading(head_seq, seq, unread, mentions)
            seq -= 1
        return Reading(head_seq, read_seq, unread, mentions)

    def _reach(self, head_seq: int) -> None:
        known = self._first + len(self._posts) - 1
        if not self._started or head_seq < self._first - 1 or head_seq - known > MOST:
            # The cache is empty, a failover took entries back, or the head is too far ahead. Begin
            # again at the head.
            self._posts.clear()
            self._changed.clear()
            self._first = head_seq + 1
            self._at_a_time = FEW
            self._started = True
            return
        for record in self._read(known, head_seq):
            self._posts.append(_post_of(record))
            self._change(record)
        while len(self._posts) > 2 * MOST:
            self._posts.popleft()
            self._first += 1

    def _go_back(self) -> None:
        after = max(0, self._first - 1 - self._at_a_time)
        self._at_a_time = min(2 * self._at_a_time, MANY)
        records = self._read(after, self._first - 1)
        self._posts.extendleft(_post_of(record) for record in reversed(records))
        self._first = after + 1
        later = self._changed
        self._changed = {}
        for record in [*records, *later.values()]:  # in the order of seq: the last change counts
            self._change(record)

    def _change(self, record: Record) -> None:
        """Apply an edit or a deletion to its message.

        If the message is not cached yet, keep the change until it is.
        """
        if record["event"] not in (EDITED, DELETED):
            return
        seq = record["message_seq"]
        if seq < self._first:
            self._changed[seq] = record
        elif post := self._posts[seq - self._first]:
            self._posts[seq - self._first] = post._replace(
                mentions=_mentions(record),
                mentions_room=record.get("mentions_room", False),
                deleted=record["event"] == DELETED,
            )

    def _read(self, after: int, last: int) -> list[Record]:
        return self._log.entries(
            after,
            last,
            ("seq", "event", "author_id", "mentions", "mentions_room", "deleted_at", "message_seq"),
        )


def _post_of(record: Record) -> Post | None:
    if record["event"] != POSTED:
        return None
    return Post(
        record["author_id"],
        _mentions(record),
        record.get("mentions_room", False),
        "deleted_at" in record,
    )


def _mentions(record: Record) -> tuple[Id, ...]:
    return tuple(record.get("mentions", ()))


_recents: OrderedDict[Id, Recent] = OrderedDict()  # the last used one at the end


def recent_of(room_id: Id) -> Recent:
    """Return the one Recent of a room. It is dropped once MOST_ROOMS others were used since."""
    if recent := _recents.get(room_id):
        _recents.move_to_end(room_id)
        return recent
    recent = _recents[room_id] = Recent(room_id)
    if len(_recents) > MOST_ROOMS:
        _recents.popitem(last=False)
    return recent
