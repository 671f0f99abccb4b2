"""Track who is typing, in rooms that are not too large. Without a new signal, typing expires."""

from __future__ import annotations

import time

from chat.controllers import access, broadcasts, direct_rooms
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.user import User

# In larger rooms there are no typing events: somebody is always typing, and the events would cost
# too much.
MOST_PEOPLE = 100
LASTS_SECONDS = 6.0  # typing expires so long after the writer's last signal
EMIT_AGAIN_SECONDS = 3.0  # between two events: writers signal more often than others need to know

_until: dict[tuple[Id, Id], float] = {}  # (room, person) -> when the person's typing expires
_emitted_at: dict[tuple[Id, Id], float] = {}


def note(person: User, room_id: str, *, typing: bool) -> None:
    """Note that somebody types in a room, or has stopped. Raises NotFound, Forbidden."""
    mine = access.membership(person, room_id).must("post")
    direct_rooms.must_reach(person, mine.room)
    key = (mine.room.id, person.id)
    moment = time.monotonic()
    if not typing:
        stop(*key)
    elif Membership.count(mine.room.id) <= MOST_PEOPLE:
        _until[key] = moment + LASTS_SECONDS
        if moment - _emitted_at.get(key, 0.0) >= EMIT_AGAIN_SECONDS:
            _emitted_at[key] = moment
            broadcasts.typing_changed(*key, typing=True)


def stop(room_id: Id, user_id: Id) -> None:
    """End a person's typing, because the person stopped, or posted."""
    if _until.pop((room_id, user_id), None) is not None:
        del _emitted_at[room_id, user_id]
        broadcasts.typing_changed(room_id, user_id, typing=False)


def expire() -> None:
    """End the typing that nobody renewed."""
    for key in [*_until]:
        # Somebody may have typed on while the one before was ended.
        if key in _until and _until[key] <= time.monotonic():
            stop(*key)
