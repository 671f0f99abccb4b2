"""Paged: a room's messages, some at a time, by a cursor in `seq`.

Every entry has its `ordinal`: how many messages there are up to it. So a page is a range of
ordinals, bounded at both ends, however many changes lie between its messages. It costs the same in
a room of any size. Where few changes lie between them, the entries right before the cursor are the
page, and one query returns both.

A page ends at a number of messages, and at a number of bytes; later messages are not opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from chat.models.database import Record
from chat.models.document import Id
from chat.models.log import POSTED, Head, RoomLog, log_of
from chat.models.log.steps import FIRST_STEP, in_steps
from chat.models.message.bounds import MOST_BYTES, Allowance
from chat.models.message.opened import OpenMessage

USUAL_PAGE = 50
LONGEST_PAGE = 200

Steps = Iterator[list[Record]]


@dataclass(frozen=True)
class Page:
    """Messages in the order of `seq`, read at `head_seq` and never older than that."""

    messages: list[OpenMessage]
    head_seq: int
    has_before: bool
    has_after: bool


@dataclass(frozen=True)
class _Range:
    """The ordinals of a page by the limit of messages, read away from its cursor both ways."""

    head: Head
    first: int
    last: int
    earlier: Steps
    later: Steps


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

        At most `limit`, and `most_bytes` of them by `size`, but one at least.
        """
        log = log_of(room_id)
        if after is not None:
            there = _after(log, after, limit)
        elif around is not None:
            there = _around(log, around, limit)
        else:
            there = _before(log, before, limit)
        allowance = Allowance(most_bytes // 2 if around is not None else most_bytes)
        newer, is_newest = cls._taken(log, there.later, size, allowance)
        allowance.add(most_bytes // 2 if around is not None else 0)
        older, is_oldest = cls._taken(log, there.earlier, size, allowance)
        return Page(
            older[::-1] + newer,
            there.head.seq,
            has_before=there.first > 1 or not is_oldest,
            has_after=there.last < there.head.ordinal or not is_newest,
        )

    @classmethod
    def _taken(
        cls, log: RoomLog, steps: Steps, size: Callable[[OpenMessage], int], allowance: Allowance
    ) -> tuple[list[OpenMessage], bool]:
        """Return the messages that the allowance takes, and whether these are all."""
        taken: list[OpenMessage] = []
        for records in steps:
            for message in cls.opening(log.current(records)):
                if not allowance.takes(size(message)):
                    return taken, False
                taken.append(message)
        return taken, True


def _before(log: RoomLog, before: int | None, limit: int) -> _Range:
    """Return the range of the newest messages, or of those before a `seq`."""
    count, tail = min(limit, FIRST_STEP), None
    if before is None:
        head, tail = log.head_and_tail(count)
    else:  # an older head will do: later messages are not in this page
        head = log.head_lately(before)
        tail = log.entries(max(0, before - 1 - count), before - 1) if before <= head.seq else None
    if tail is not None and (posted := _newest(tail, count)):
        last, known = posted[-1]["ordinal"], posted[0]["ordinal"]
    else:
        last, known, posted = (
            head.ordinal if before is None or before > head.seq else log.ordinal_at(before - 1),
            None,
            [],
        )
    first = max(1, last - limit + 1)
    rest = in_steps(log.messages, first, last if known is None else known - 1, backwards=True)
    return _Range(head, first, last, earlier=chain([posted[::-1]], rest), later=iter(()))


def _after(log: RoomLog, after: int, limit: int) -> _Range:
    head = log.head()
    first = log.ordinal_at(min(after, head.seq)) + 1
    last = min(first + limit - 1, head.ordinal)
    return _Range(head, first, last, earlier=iter(()), later=in_steps(log.messages, first, last))


def _around(log: RoomLog, around: int, limit: int) -> _Range:
    head = log.head()
    middle = log.ordinal_at(min(around, head.seq))
    first = max(1, middle - limit // 2)
    last = min(first + limit - 1, head.ordinal)
    low, high = max(first, middle - FIRST_STEP // 2), min(last, middle + FIRST_STEP // 2 - 1)
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


def _newest(entries: list[Record], limit: int) -> list[Record] | None:
    """Return the last `limit` messages of a range of the log; None when it has fewer.

    A range that begins with the first entry of the log may have fewer.
    """
    posted = [record for record in entries if record["event"] == POSTED][-limit:]
    return posted if len(posted) == limit or (entries and entries[0]["seq"] == 1) else None
