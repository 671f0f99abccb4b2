"""The order of a person's rooms: the rooms that the person used last come first.

Every listed membership has a place: a number that the person's record gives out only once. A higher
place is nearer to the front of the list. So a page of rooms is one range of one index, with two
ends, whatever the number of rooms.

A used room moves to the front only if it is at least NEAR places away from the front. So a person
with at most fifty rooms, as nearly everybody has, causes no write. The fifty rooms that a person
used last are always on the first page. A direct room in which somebody writes moves exactly: where
it is the last one that moved, that costs nothing.
"""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.user import User
from chat.utils.list_page import ListPage

USUAL_PAGE = 100  # rooms
LONGEST_PAGE = 100
NEAR = 50  # places from the front
BEYOND = 2**53  # above every place: the upper end of a range
ONE_ANSWER = 1_000  # records in one batch of the database's answer


def page_of(person: User, before: int | None, limit: int) -> ListPage[Membership, int]:
    """Return a page of a person's memberships. Its cursor is the place of its last membership.

    The page begins at the front, or after the place `before`. Places are missing where the person
    left a room or a room moved. So each range that is read is twice as wide as the one before.
    """
    moment = Membership.moment()
    high = BEYOND if before is None else before
    # `places` may be outdated: rooms that moved to the front since lie beyond it, and the first
    # range, which has no upper end then, contains them.
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


def favourites_of(user_id: Id) -> list[Id]:
    """Return the favourite rooms in a person's list, the last used first, LONGEST_PAGE at most."""
    query = {"user_id": user_id, "favourite": True}
    fields = {"room_id": 1, "place": 1}
    records = database["memberships"].find(query, fields, batch_size=ONE_ANSWER)
    listed = [record for record in records if record["place"] is not None]
    return [record["room_id"] for record in sorted(listed, key=_place, reverse=True)[:LONGEST_PAGE]]


def bring_forward(mine: Membership, last_place: int, *, exactly: bool = False) -> None:
    """Move a used room to the front of its person's list, if it is listed and not near the front.

    `last_place`: the last place that the person's record gave out. `exactly`: also from near.
    """
    near = 1 if exactly else NEAR
    if mine.place is not None and last_place - mine.place >= near:
        mine.move_to_front()


def _place(record: Record) -> int:
    return int(record["place"])
