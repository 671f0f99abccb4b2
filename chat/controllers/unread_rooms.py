"""Mark all rooms of the sidebar as read at once, and take it back."""

from __future__ import annotations

from chat.controllers import favourites, readings
from chat.models.user import User
from chat.schemas.readings import MOST_ROOMS
from chat.utils.errors import NotFound


def read_all(person: User) -> list[tuple[str, int]]:
    """Mark what the person has not read in the rooms of their sidebar as read.

    Return the id of each such room, and the seq up to which it was read before. Reading this way is
    no use of a room, so the order of the rooms stays. MOST_ROOMS rooms at a time.
    """
    unread = [
        (str(membership.room.id), reading)
        for membership, reading in favourites.sidebar(person)
        if reading.unread
    ][:MOST_ROOMS]
    for room_id, reading in unread:
        readings.read_up_to(person, room_id, reading.head_seq)
    return [(room_id, reading.read_seq) for room_id, reading in unread]


def bring_back(person: User, read_seqs: list[tuple[str, int]]) -> None:
    """Mark what comes after these entries as unread, in rooms that the person is still in."""
    for room_id, seq in read_seqs:
        try:
            readings.mark_exactly(person, room_id, seq)
        except NotFound:
            continue
