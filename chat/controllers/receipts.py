"""Read receipts: in small rooms, show people how far the others have read.

Both must have receipts switched on: without them a person neither shows nor sees any.
"""

from __future__ import annotations

import time

from chat.controllers import access, broadcasts
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.reading import recent_of
from chat.models.user import User

# In larger rooms nobody receives receipts: events to everybody about everybody grow with the
# square.
MOST_PEOPLE = 50
# Seconds between two events about one steady reader; each has the latest seq.
TELL_AGAIN = 1.0

_told_at: dict[tuple[Id, Id], float] = {}  # (room, person) -> time of the last event
_waiting: dict[tuple[Id, Id], int] = {}  # (room, person) -> a seq that is not sent yet


def show(person: User, room_id: str) -> dict[Id, int]:
    """Return how far the others in a room have read: person -> seq; empty in a large room.

    Raises NotFound.
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


def tell(reader: User, room_id: Id, seq: int) -> None:
    """Tell the others that the reader got further; delay the rest of a burst to `tell_rest`."""
    if not are_shown(reader, room_id):
        return
    key = (room_id, reader.id)
    _waiting[key] = max(seq, _waiting.get(key, 0))
    if key not in _told_at or time.monotonic() - _told_at[key] >= TELL_AGAIN:
        _tell(key)


def tell_rest() -> None:
    """Send the delayed receipts that are due."""
    due = time.monotonic() - TELL_AGAIN
    for key in [key for key in _waiting if _told_at[key] <= due]:
        _tell(key)
    for key in [key for key, at in _told_at.items() if at <= due and key not in _waiting]:
        del _told_at[key]


def _tell(key: tuple[Id, Id]) -> None:
    _told_at[key] = time.monotonic()
    broadcasts.read_by(*key, _waiting.pop(key))
