"""The order of somebody's rooms: those they used last come first.

Every listed membership has a place: a number from its person's record, which gives out each number
once. A higher place is nearer to the front. So a page of rooms is one range of one index, with two
ends, whatever the number of rooms.

Using a room moves it to the front, but only from beyond NEAR. So a person who uses at most fifty
rooms, as nearly everybody does, causes no write and their order does not change. The fifty rooms
that somebody used last are always on the first page.
"""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.membership import Membership
from chat.models.user import User
from chat.utils.list_page import ListPage

USUAL_PAGE = 100  # rooms
LONGEST_PAGE = 100
NEAR = 50  # places from the front
BEYOND = 2**53  # above every place: the upper end of a range
ONE_ANSWER = 1_000  # records in one batch of the database's answer


def page_of(person: User, before: int | None, limit: int) -> ListPage[Membership, int]:
    """Return a page of a person's memberships; its cursor is the place of the last one.

    The page begins at the front, or after the place `before`. Rooms that the person left or that
    moved leave gaps; the ranges double in width to cross a wide gap.
    """
    moment = Membership.moment()
    high = BEYOND if before is None else before
    low = min(high, person.places + 1)
    width = limit + 1
    found: list[Record] = []
    while low > 1 and len(found) <= limit:
        low = max(1, low - width)
        query = {"user_id": person.id, "place": {"$gte": low, "$lt": high}}
        records = database["memberships"].find(query, batch_size=ONE_ANSWER)
        found += sorted(records, key=_place, reverse=True)
        high = low
        width *= 2
    shown = Membership.from_records(found[:limit], moment)
    if len(found) > limit:
        return ListPage(shown, _place(found[limit - 1]))
    return ListPage(shown, None)


def bring_forward(mine: Membership, last_place: int) -> None:
    """Move a used room to the front of its person's list, unless it is near it or not listed.

    `last_place`: the last place that the person's record gave out.
    """
    if mine.place is not None and last_place - mine.place >= NEAR:
        mine.move_to_front()


def _place(record: Record) -> int:
    return int(record["place"])
