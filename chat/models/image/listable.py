"""Listable: the images that a room's messages show, newest first.

A page is found in windows of the room's log, each a range bounded at both ends: the embedded database reads a whole range
before it looks at a limit. Windows grow while nothing is found, and not so far that one of them holds thousands of images.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from chat.models.database import Record, database
from chat.models.document import Id

if TYPE_CHECKING:
    from chat.models.image import Image

Cursor: TypeAlias = tuple[
    int, Id | None
]  # a seq and, to go on in the middle of a message, its image that was shown last
USUAL_PAGE, LONGEST_PAGE = 50, 200
FIRST_WINDOW, WIDEST_WINDOW = 100, 800  # entries of the log
MOST_WINDOWS = 40  # looked through for one answer


class Listable:
    if TYPE_CHECKING:  # what it is an adjective of

        @classmethod
        def _those_left(cls, records: Iterable[Record]) -> list[Image]: ...

    @classmethod
    def page(cls, room_id: Id, before: Cursor, limit: int) -> tuple[list[Image], Cursor | None]:
        """Return at most `limit` images before a cursor, and where the list goes on; there may be fewer though it does."""
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
