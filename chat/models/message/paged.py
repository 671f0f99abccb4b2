"""Paged: a room's messages, some at a time, by a cursor in `seq`.

Every entry carries its `ordinal`, how many messages there are up to it. So a page is a range of ordinals, bounded at
both ends, however many other entries lie between its messages, and costs the same in a room of any size. Where few
changes lie between them, the entries right before the cursor are the page, and one question answers both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.models.database import Record
from chat.models.document import Id
from chat.models.log import POSTED, log_of

if TYPE_CHECKING:
    from chat.models.message import Message

USUAL_PAGE = 50
LONGEST_PAGE = 200


@dataclass(frozen=True)
class Page:
    """Messages in the order of `seq`, never older than `head_seq`, which it was read at."""

    messages: list[Message]
    head_seq: int
    has_before: bool
    has_after: bool


class Paged:
    if TYPE_CHECKING:  # what it is an adjective of

        @classmethod
        def from_records(cls, records: list[Record]) -> list[Message]: ...

    @classmethod
    def page(
        cls, room_id: Id, *,
        before: int | None = None, after: int | None = None, around: int | None = None, limit: int = USUAL_PAGE,
    ) -> Page:
        """The newest messages, or those before, after or around a `seq`; at most `limit`."""
        log, tail = log_of(room_id), None
        if before is not None:  # what is said after it shows in none of these
            head = log.head_lately(before)
            tail = log.entries(max(0, before - 1 - limit), before - 1) if before <= head.seq else None
        elif after is around is None:
            head, tail = log.head_and_tail(limit)
        else:
            head = log.head()
        if tail is not None and (posted := _newest(tail, limit)):
            first, last = posted[0]["ordinal"], posted[-1]["ordinal"]
            return Page(cls.from_records(posted), head.seq, has_before=first > 1, has_after=last < head.ordinal)
        if after is not None:
            first = log.ordinal_at(min(after, head.seq)) + 1
            last = min(first + limit - 1, head.ordinal)
        elif around is not None:
            middle = log.ordinal_at(min(around, head.seq))
            first = max(1, middle - limit // 2)
            last = min(first + limit - 1, head.ordinal)
        else:
            last = head.ordinal if before is None or before > head.seq else log.ordinal_at(before - 1)
            first = max(1, last - limit + 1)
        messages = cls.from_records(log.messages(first, last))
        return Page(messages, head.seq, has_before=first > 1, has_after=last < head.ordinal)


def _newest(entries: list[Record], limit: int) -> list[Record] | None:
    """The last `limit` messages of a stretch of the log; None when so many are not in it, for all the changes between them."""
    posted = [record for record in entries if record["event"] == POSTED][-limit:]
    return posted if len(posted) == limit or (entries and entries[0]["seq"] == 1) else None
