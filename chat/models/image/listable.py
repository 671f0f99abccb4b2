"""Listable: the images that a room's messages show, newest first.

`page` searches the room's log window by window. Each window is a range bounded at both ends,
because the embedded database reads a whole range before it applies a limit. Each window is wider
than the one before, up to WIDEST_WINDOW, so that no window has thousands of images.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Self

from chat.models.database import Record, database
from chat.models.document import Id
from chat.utils.list_page import ListPage

USUAL_PAGE = 50
LONGEST_PAGE = 200
FIRST_WINDOW = 100  # entries of the log in the first window
WIDEST_WINDOW = 800
MOST_WINDOWS = 40  # windows that are searched for one answer


class Cursor(NamedTuple):
    """The position where a list of images goes on.

    It is before `seq` or, when `image_id` is set, after that image of the message at `seq`.
    """

    seq: int
    image_id: Id | None

    @property
    def last_seq(self) -> int:
        """Return the newest seq that may follow."""
        return self.seq if self.image_id else self.seq - 1

    def precedes(self, record: Record) -> bool:
        """Return whether an image's record follows this cursor in the list."""
        if record["seq"] == self.seq and self.image_id:
            return bool(record["_id"] > self.image_id)
        return bool(record["seq"] < self.seq)


class Listable:
    if TYPE_CHECKING:  # of Image

        @classmethod
        def _those_left(cls, records: Iterable[Record]) -> list[Self]: ...

    @classmethod
    def page(cls, room_id: Id, before: Cursor, limit: int) -> ListPage[Self, Cursor]:
        """Return a page of at most `limit` images before a cursor.

        The page may have fewer images, or none, although the list goes on.
        """
        found: list[Record] = []
        last = before.last_seq
        width = FIRST_WINDOW
        for _ in range(MOST_WINDOWS):
            if last <= 0 or len(found) > limit:
                break
            first = max(1, last - width + 1)
            records = database["images"].find(
                {"room_id": room_id, "seq": {"$gte": first, "$lte": last}}
            )
            shown = [record for record in records if before.precedes(record)]
            found += sorted(shown, key=lambda record: (-record["seq"], record["_id"]))
            last = first - 1
            width = min(2 * width, WIDEST_WINDOW)
        if len(found) > limit:
            shown = found[:limit]
            return ListPage(cls._those_left(shown), Cursor(shown[-1]["seq"], shown[-1]["_id"]))
        if last > 0:
            return ListPage(cls._those_left(found), Cursor(last + 1, None))
        return ListPage(cls._those_left(found), None)
