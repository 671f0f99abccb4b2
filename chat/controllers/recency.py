"""Order a person's rooms: the rooms where the person was last, to read or to post, come first.

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
from chat.models.room_order import bring_forward
from chat.models.user import User
from chat.utils.errors import Unavailable

CHECK_SECONDS = 60.0  # least time between two moves of a busy direct room

_next_check: dict[Id, float] = {}  # direct room -> when it may move again; the oldest first

logger = logging.getLogger(__name__)


def note_post(person: User, mine: Membership) -> None:
    """Move a room forward after somebody posted in it."""
    note_use(person, mine)
    if mine.room.kind == "direct":
        _move_for_all(mine.room)


def note_use(person: User, mine: Membership) -> None:
    """Move a room forward after somebody used it. A failure is only logged."""
    try:
        bring_forward(mine, person.places)
    except (DatabaseError, Unavailable) as error:
        _log_failure(mine.room.id, error)


def _move_for_all(room: Room) -> None:
    moment = time.monotonic()
    if _next_check.get(room.id, 0.0) > moment:
        return
    _next_check.pop(room.id, None)
    _next_check[room.id] = moment + CHECK_SECONDS
    while _next_check[oldest := next(iter(_next_check))] <= moment:
        del _next_check[oldest]
    socketio.start_background_task(_come_forward_for_all, room)


def _come_forward_for_all(room: Room) -> None:
    try:
        last_places = User.places_now(room.people)
        for membership in Membership.within(room):
            bring_forward(membership, last_places.get(membership.user_id, 0))
    except (DatabaseError, Unavailable) as error:
        _log_failure(room.id, error)


def _log_failure(room_id: Id, error: Exception) -> None:
    logger.warning(
        "a room could not move forward in a list",
        extra={"room_id": str(room_id), "reason": str(error)},
    )
