"""In which rooms something was posted lately, as far as this process hears: hints for a job.

The job also looks at what the database says, so a hint that is lost delays, and loses nothing.
"""

from __future__ import annotations

from chat.models.document import Id

_rooms: dict[Id, None] = {}  # in the order in which the news came


def note(room_id: Id) -> None:
    """Note that a message was posted in a room, through whichever process. Never yields."""
    _rooms[room_id] = None


def take() -> list[Id]:
    """Return the rooms with news since the last call."""
    rooms = list(_rooms)
    _rooms.clear()
    return rooms
