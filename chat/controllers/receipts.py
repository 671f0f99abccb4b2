"""Read receipts: in small rooms, show people how far the others have read.

A person who has switched receipts off neither shows nor sees any.
"""

from __future__ import annotations

import time

from chat.controllers import access, broadcasts
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.reading import recent_of
from chat.models.user import User

# In larger rooms there are no receipts: their number grows with the square of the members.
MOST_PEOPLE = 50
EMIT_AGAIN_SECONDS = 1.0  # between two events about one reader; an event has the latest seq

_emitted_at: dict[tuple[Id, Id], float] = {}  # (room, person) -> time of the last event
_delayed: dict[tuple[Id, Id], int] = {}  # (room, person) -> a seq that is not emitted yet


def show(person: User, room_id: str) -> dict[Id, int]:
    """Return how far the other people in a room have read: person -> seq.

    The result is empty in a large room. Raises NotFound.
    """
    room = access.membership(person, room_id).must("read").room
    if not are_shown(person, room.id):
        return {}
    others = [
        membership for membership in Membership.within(room) if membership.user_id != person.id
    ]
    users = User.find_many(membership.user_id for membership in others)
    showing = [
        membership
        for membership in others
        if membership.user_id in users and users[membership.user_id].read_receipts
    ]
    return recent_of(room.id).seen_seqs(showing)


def are_shown(person: User, room_id: Id) -> bool:
    """Return whether the person shows and sees receipts in this room."""
    return person.read_receipts and Membership.count(room_id) <= MOST_PEOPLE


def emit(reader: User, room_id: Id, seq: int) -> None:
    """Emit to the others how far the reader has read.

    If the reader reads on quickly, `emit_delayed` emits most of these events later.
    """
    if not are_shown(reader, room_id):
        return
    key = (room_id, reader.id)
    _delayed[key] = max(seq, _delayed.get(key, 0))
    if key not in _emitted_at or time.monotonic() - _emitted_at[key] >= EMIT_AGAIN_SECONDS:
        _emit(key)


def emit_delayed() -> None:
    """Emit the delayed receipts that are due."""
    due = time.monotonic() - EMIT_AGAIN_SECONDS
    for key in [*_delayed]:
        # Its person may have read on while the one before was emitted: then it is emitted already.
        if key in _delayed and _emitted_at[key] <= due:
            _emit(key)
    for key in [key for key, at in _emitted_at.items() if at <= due and key not in _delayed]:
        del _emitted_at[key]


def _emit(key: tuple[Id, Id]) -> None:
    _emitted_at[key] = time.monotonic()
    broadcasts.read_by(*key, _delayed.pop(key))
