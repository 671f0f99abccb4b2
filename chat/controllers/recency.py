"""Order a person's rooms: those they opened, or where they posted, last come first.

A direct room moves to the front for all its people when somebody posts in it.
"""

from __future__ import annotations

import logging
import time

from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.room_order import come_forward
from chat.models.user import User
from chat.utils.errors import Unavailable

SETTLED_SECONDS = 60.0  # least time between two looks at a busy direct room

_settled: dict[Id, float] = {}  # direct room -> when it may be looked at again; the oldest first

logger = logging.getLogger(__name__)


def say(person: User, mine: Membership) -> None:
    """Move a room forward after somebody posted in it."""
    use(person, mine)
    if mine.room.kind == "direct":
        _all_use(mine.room)


def use(person: User, mine: Membership) -> None:
    """Move a room forward after somebody opened it; a failure never fails what they did."""
    try:
        come_forward(mine, person.places)
    except (DatabaseError, Unavailable) as error:
        _missed(mine.room.id, error)


def _all_use(room: Room) -> None:
    moment = time.monotonic()
    if _settled.get(room.id, 0.0) > moment:
        return
    _settled.pop(room.id, None)
    _settled[room.id] = moment + SETTLED_SECONDS
    while _settled[oldest := next(iter(_settled))] <= moment:
        del _settled[oldest]
    socketio.start_background_task(_bring_to_all, room)


def _bring_to_all(room: Room) -> None:
    try:
        last_places = User.places_now(room.people)
        for membership in Membership.within(room):
            come_forward(membership, last_places.get(membership.user_id, 0))
    except (DatabaseError, Unavailable) as error:
        _missed(room.id, error)


def _missed(room_id: Id, error: Exception) -> None:
    logger.warning(
        "a room did not move forward in a list",
        extra={"room_id": str(room_id), "reason": str(error)},
    )
