"""The order of somebody's rooms: those they used last come first.

Every membership that is listed has a place: a number that its person gave out once and never gives
out again. The higher, the nearer to the front. So a page of rooms is one range of one index, with
two ends, whatever the number of rooms.

A room moves to the front when it is used, but only from beyond NEAR: whoever uses fifty rooms, and
that is nearly everybody, causes no write, and their list stays as it is. The fifty rooms that
somebody used last are always on the first page.
"""

from __future__ import annotations

from chat.models.database import Record, database
from chat.models.membership import Membership
from chat.models.user import User

USUAL_PAGE = LONGEST_PAGE = 100  # rooms
NEAR = 50  # places from the front
BEYOND = 2**53  # no place is so high: a range has two ends
ONE_ANSWER = 1_000  # records


def page_of(person: User, before: int | None, limit: int) -> tuple[list[Membership], int | None]:
    """Return some of a person's memberships, the first ones or those after the place `before`, and
    the place after which the list goes on.

    Rooms that were left or moved leave gaps; a wide gap is crossed in ranges that double.
    """
    moment = Membership.moment()
    high = BEYOND if before is None else before
    low, width = min(high, person.places + 1), limit + 1
    found: list[Record] = []
    while low > 1 and len(found) <= limit:
        low = max(1, low - width)
        query = {"user_id": person.id, "place": {"$gte": low, "$lt": high}}
        records = database["memberships"].find(query, batch_size=ONE_ANSWER)
        found += sorted(records, key=_place, reverse=True)
        high, width = low, 2 * width
    shown = found[:limit]
    following = _place(shown[-1]) if len(found) > limit else None
    return Membership.from_records(shown, moment), following


def come_forward(mine: Membership, last_place: int) -> None:
    """Moves a room that is used to the front of its person's list, unless it is near it or not listed.

    `last_place`: the last place that the person's record gave out.
    """
    if mine.place is not None and last_place - mine.place >= NEAR:
        mine.move_to_front()


def _place(record: Record) -> int:
    return int(record["place"])
