"""In which rooms something happened lately, as far as this process hears: hints for two jobs.

These jobs also look at what the database says, so a hint that is lost delays, and loses nothing.
"""

from __future__ import annotations

from chat.models.document import Id

PUSHES = "pushes"  # hears of posted messages
WEBHOOKS = "webhooks"  # hears of every entry

_rooms: dict[str, dict[Id, None]] = {PUSHES: {}, WEBHOOKS: {}}  # in the order of the news


def note(room_id: Id, *, is_posted: bool) -> None:
    """Note that a room's log has an entry, through whichever process. Never yields."""
    _rooms[WEBHOOKS][room_id] = None
    if is_posted:
        _rooms[PUSHES][room_id] = None


def take(job: str) -> list[Id]:
    """Return the rooms with news for a job since its last call."""
    rooms = list(_rooms[job])
    _rooms[job].clear()
    return rooms
