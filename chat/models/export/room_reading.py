"""Read one room for an export, page by page, while people write in it.

What is read are the messages up to the room's newest one when the reading began, its *cut*, each as
it is when it is read: edits, reactions and deletions count until then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chat.models.database import Record
from chat.models.log import log_of
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.room_line import RoomLine
from chat.utils.encryption import CannotOpen

PAGE = 100  # messages in one query: people who write wait so long for the database
LINES_PAGE = 500  # entries of the log in one query for lines

# Called with the seconds of each query; it waits, so that others have the database meanwhile.
Pace = Callable[[float], None]


class Page(NamedTuple):
    """Messages that are not deleted, and the lines among them, both in the order of the room.

    `damaged`: the ids of messages that do not open.
    """

    messages: list[Message]
    lines: list[RoomLine]
    damaged: list[str]


class RoomReading:
    """`cut`: the last entry of the room's log that is read."""

    def __init__(self, room: Room, pace: Pace):
        self.room = room
        self._log = log_of(room.id)
        self._pace = pace
        head = self._log.head()
        self.cut = head.seq
        self._last = head.ordinal

    def members(self) -> list[Membership]:
        return Membership.within(self.room)

    def pages(self) -> Iterator[Page]:
        """Yield the messages and lines. Raises DatabaseError."""
        after = 0  # entries up to here have been read
        for first in range(1, self._last + 1, PAGE):
            last = min(first + PAGE - 1, self._last)
            began = time.monotonic()
            self._log.head()  # so that all changes until now count
            records = self._log.messages(first, last)
            self._pace(time.monotonic() - began)
            end = records[-1]["seq"] if records and last < self._last else self.cut
            messages, damaged = self._opened(records)
            yield Page(messages, list(self._lines(after, end)), damaged)
            after = end
        if self._last == 0:
            yield Page([], list(self._lines(0, self.cut)), [])

    def lines(self) -> Iterator[RoomLine]:
        """Yield all lines again."""
        yield from self._lines(0, self.cut)

    def own_reactions(self) -> Iterator[dict[str, object]] | None:
        """Return what one person reacted to, for the export of that person; else None."""
        return None

    def _lines(self, after: int, last: int) -> Iterator[RoomLine]:
        """Yield the lines that stand after an entry later than `after`, up to `last`.

        Those before the first entry belong to a range that begins with 0.
        """
        first = after + 1 if after else 0
        while first <= last:
            end = min(first + LINES_PAGE, last + 1)
            began = time.monotonic()
            found = RoomLine.all_between(self.room.id, first, end)
            self._pace(time.monotonic() - began)
            yield from found
            first = end

    def _opened(self, records: list[Record]) -> tuple[list[Message], list[str]]:
        """Return the messages of some records, and the ids of those that do not open."""
        current = self._log.current(records)
        try:
            found, damaged = self._opened_together(current)
        except CannotOpen:
            found, damaged = self._opened_one_by_one(current)
        return [message for message in found if not message.deleted_at], damaged

    @staticmethod
    def _opened_together(records: list[Record]) -> tuple[list[Message], list[str]]:
        return list(Message.opening(records)), []

    @staticmethod
    def _opened_one_by_one(records: list[Record]) -> tuple[list[Message], list[str]]:
        found: list[Message] = []
        damaged: list[str] = []
        for record in records:
            try:
                found += Message.opening([record])
            except CannotOpen:
                damaged.append(str(record["_id"]))
        return found, damaged
