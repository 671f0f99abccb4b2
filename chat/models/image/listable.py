"""Listable: the images that a room's messages show, newest first.

A page is searched in windows of the room's log. Each is a range bounded at both ends, for the
embedded database reads a whole range before it applies a limit. Windows grow from one to the next,
up to a width that keeps thousands of images out of one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, TypeAlias

from chat.models.database import Record, database
from chat.models.document import Id

# A seq and, to go on within a message, the image of it that was shown last.
Cursor: TypeAlias = tuple[int, Id | None]
USUAL_PAGE, LONGEST_PAGE = 50, 200
FIRST_WINDOW, WIDEST_WINDOW = 100, 800  # entries of the log
MOST_WINDOWS = 40  # for one answer


class Listable:
    if TYPE_CHECKING:  # of Image

        @classmethod
        def _those_left(cls, records: Iterable[Record]) -> list[Self]: ...

    @classmethod
    def page(cls, room_id: Id, before: Cursor, limit: int) -> tuple[list[Self], Cursor | None]:
        """Return at most `limit` images before a cursor, and where the list goes on.

        There may be fewer images, or none, though the list goes on.
        """
        seq, image_id = before
        found: list[Record] = []
        last, width = seq if image_id else seq - 1, FIRST_WINDOW
        for _ in range(MOST_WINDOWS):
            if last <= 0 or len(found) > limit:
                break
            first = max(1, last - width + 1)
            records = database["images"].find(
                {"room_id": room_id, "seq": {"$gte": first, "$lte": last}}
            )
            shown = [
                record
                for record in records
                if record["seq"] < seq or (image_id and record["_id"] > image_id)
            ]
            found += sorted(shown, key=lambda record: (-record["seq"], record["_id"]))
            last, width = first - 1, min(2 * width, WIDEST_WINDOW)
        if len(found) > limit:
            return cls._those_left(found[:limit]), (
                found[limit - 1]["seq"],
                found[limit - 1]["_id"],
            )
        return cls._those_left(found), (last + 1, None) if last > 0 else None
