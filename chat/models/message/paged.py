"""Paged: the pages of a room's messages. A `seq` is the cursor.

Every entry has an `ordinal`: how many messages there are up to the entry. So a page is a range of
ordinals, bounded at both ends, however many changes lie between its messages. A page costs the same
in a room of any size. If few changes lie between the messages, the entries right before the cursor
contain the page, so one query is enough.

A page ends at a number of messages or at a number of bytes. Messages after its end are not opened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from chat.models.database import Record
from chat.models.document import Id
from chat.models.floor import Floor
from chat.models.log import POSTED, Head, RoomLog, log_of
from chat.models.log.steps import FIRST_STEP, in_steps
from chat.models.message.bounds import MOST_BYTES, Allowance
from chat.models.message.opened import OpenMessage

USUAL_PAGE = 50
LONGEST_PAGE = 200

NEAR = 2  # entries of the log in which the message beside another one is looked for

Steps = Iterator[list[Record]]
Beside = tuple[OpenMessage | None, OpenMessage | None]


@dataclass(frozen=True)
class Page:
    """Messages in the order of `seq`, with all changes up to `head_seq`."""

    messages: list[OpenMessage]
    head_seq: int
    has_before: bool
    has_after: bool


@dataclass(frozen=True)
class _Range:
    """The ordinals of a page, as the limit of messages allows.

    `earlier` and `later` read its records, each beginning next to the cursor.
    """

    head: Head
    first: int
    last: int
    earlier: Steps
    later: Steps


class _Taken(NamedTuple):
    """Messages of a range, and whether these are all messages of the range."""

    messages: list[OpenMessage]
    is_all: bool


class Paged(OpenMessage):
    @classmethod
    def page(
        cls,
        room_id: Id,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = USUAL_PAGE,
        size: Callable[[OpenMessage], int] = lambda _: 0,
        most_bytes: int = MOST_BYTES,
    ) -> Page:
        """Return the newest messages, or the nearest ones before, after or around a `seq`.

        The page has at most `limit` messages, and at most `most_bytes`, counted by `size`, but
        always one message.
        """
        log = log_of(room_id)
        floor = log.floor
        if after is not None:
            there = _after(log, max(after, floor.seq - 1), limit)
        elif around is not None and around < floor.seq:
            there = _from_pin(log, around, limit, floor)
        elif around is not None:
            there = _around(log, around, limit, floor)
        else:
            there = _before(log, before, limit, floor)
        # Around a message, the earlier messages get half of the bytes, and all bytes that the later
        # messages do not need.
        for_earlier = 0 if around is None else most_bytes // 2
        allowance = Allowance(most_bytes - for_earlier)
        later = cls._taken(log, there.later, size, allowance)
        allowance.add(for_earlier)
        earlier = cls._taken(log, there.earlier, size, allowance)
        return Page(
            earlier.messages[::-1] + later.messages,
            there.head.seq,
            has_before=there.first > floor.ordinal + 1 or not earlier.is_all,
            has_after=there.last < there.head.ordinal or not later.is_all,
        )

    @classmethod
    def beside(cls, room_id: Id, seqs: Collection[int]) -> dict[int, Beside]:
        """Return the messages just before and after each of some messages, by the seqs of these.

        A message is left out where NEAR or more changes lie between. This takes one query.
        """
        log = log_of(room_id)
        log.head()  # so that the messages are as they are now
        near = {near for seq in seqs for near in range(seq - NEAR, seq + NEAR + 1)}
        posted = {each["seq"]: each for each in log.posted_at(sorted(near))}
        places = {seq: (_first(posted, seq, -1), _first(posted, seq, 1)) for seq in seqs}
        wanted = sorted({each for place in places.values() for each in place if each})
        opened = {each.seq: each for each in cls.opening(log.current(posted[n] for n in wanted))}
        return {seq: (opened.get(one), opened.get(two)) for seq, (one, two) in places.items()}

    @classmethod
    def _taken(
        cls, log: RoomLog, steps: Steps, size: Callable[[OpenMessage], int], allowance: Allowance
    ) -> _Taken:
        """Return the messages that the allowance takes."""
        messages: list[OpenMessage] = []
        for records in steps:
            for message in cls.opening(log.current(records)):
                if not allowance.takes(size(message)):
                    return _Taken(messages, is_all=False)
                messages.append(message)
        return _Taken(messages, is_all=True)


def _first(posted: Collection[int], seq: int, step: int) -> int:
    """Return the nearest of some seqs on one side of `seq`; 0 if none is near."""
    near = (seq + step * count for count in range(1, NEAR + 1))
    return next((each for each in near if each in posted), 0)


def _before(log: RoomLog, before: int | None, limit: int, floor: Floor) -> _Range:
    """Return the range of the newest messages, or of the messages before a `seq`."""
    count = min(limit, FIRST_STEP)
    tail: list[Record] = []
    if before is None:
        newest = log.head_and_tail(count)
        head = newest.head
        tail = newest.tail
    else:  # a head a little too old does no harm, because this page has no newer messages
        head = log.head_lately(before)
        if before <= head.seq:
            tail = log.entries(max(0, before - 1 - count), before - 1)
    posted = [each for each in _newest(tail, count) if each["ordinal"] > floor.ordinal]
    if posted:
        last = posted[-1]["ordinal"]
        unread = posted[0]["ordinal"] - 1
    else:
        last = head.ordinal
        if before is not None and before <= head.seq:
            last = log.ordinal_at(before - 1)
        unread = last
    first = max(floor.ordinal + 1, last - limit + 1)
    rest = in_steps(log.messages, first, unread, backwards=True)
    return _Range(head, first, last, earlier=chain([posted[::-1]], rest), later=iter(()))


def _after(log: RoomLog, after: int, limit: int) -> _Range:
    head = log.head()
    first = log.ordinal_at(min(after, head.seq)) + 1
    last = min(first + limit - 1, head.ordinal)
    return _Range(head, first, last, earlier=iter(()), later=in_steps(log.messages, first, last))


def _from_pin(log: RoomLog, seq: int, limit: int, floor: Floor) -> _Range:
    """Return the range that begins at the floor, after a pinned message that stays below it."""
    pinned = [each for each in log.current(log.posted_at([seq])) if "deleted_at" not in each]
    begun = _after(log, floor.seq - 1, limit - len(pinned))
    return replace(begun, later=chain([pinned], begun.later))


def _around(log: RoomLog, around: int, limit: int, floor: Floor) -> _Range:
    head = log.head()
    middle = log.ordinal_at(min(around, head.seq))
    first = max(floor.ordinal + 1, middle - limit // 2)
    last = min(first + limit - 1, head.ordinal)
    low = max(first, middle - FIRST_STEP // 2)
    high = min(last, middle + FIRST_STEP // 2 - 1)
    near = log.messages(low, high)
    earlier = chain(
        [[record for record in reversed(near) if record["ordinal"] < middle]],
        in_steps(log.messages, first, low - 1, backwards=True),
    )
    later = chain(
        [[record for record in near if record["ordinal"] >= middle]],
        in_steps(log.messages, high + 1, last),
    )
    return _Range(head, first, last, earlier, later)


def _newest(entries: list[Record], limit: int) -> list[Record]:
    """Return the last `limit` messages of a range of the log; none if the range has fewer.

    A range that begins with the log's first entry may have fewer: then return all of them.
    """
    posted = [record for record in entries if record["event"] == POSTED][-limit:]
    if len(posted) == limit or (entries and entries[0]["seq"] == 1):
        return posted
    return []
