"""Order a person's rooms: the rooms where the person was last, to read or to post, come first.

A direct room moves to the front for all its people when somebody posts in it.
"""

from __future__ import annotations

import logging
import math
import time

from chat.extensions import socketio
from chat.models.database import DatabaseError
from chat.models.document import Id
from chat.models.list_places import last_places
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.room_order import bring_forward
from chat.models.user import User
from chat.utils.errors import Unavailable

MOVE_SECONDS = 5.0  # least time between two moves of a busy direct room

_moves: dict[Id, float] = {}  # direct room -> when it moved last, or will move; the oldest first

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
    last = _moves.pop(room.id, -math.inf)
    _moves[room.id] = last if last > moment else max(moment, last + MOVE_SECONDS)
    while _moves[oldest := next(iter(_moves))] <= moment - MOVE_SECONDS:
        del _moves[oldest]
    if last <= moment:  # a move that is still to come counts for this message, too
        delay = _moves[room.id] - moment
        socketio.start_background_task(_come_forward_for_all, room, delay)


def _come_forward_for_all(room: Room, delay: float) -> None:
    socketio.sleep(delay)
    try:
        places = last_places(room.people)
        for membership in Membership.within(room):
            bring_forward(membership, places.get(membership.user_id, 0), exactly=True)
    except (DatabaseError, Unavailable) as error:
        _log_failure(room.id, error)


def _log_failure(room_id: Id, error: Exception) -> None:
    logger.warning(
        "a room could not move forward in a list",
        extra={"room_id": str(room_id), "reason": str(error)},
    )
