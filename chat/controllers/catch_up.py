"""What a client missed: a room's log from an entry on."""

from __future__ import annotations

from chat.controllers import access
from chat.models.log import log_of
from chat.models.message import Message
from chat.models.message.changeable import Entry
from chat.models.user import User


def catch_up(person: User, room_id: str, *, after: int, limit: int) -> tuple[list[Entry], int]:
    """The entries after `after`, in order and without gaps, and the head's seq. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    log = log_of(mine.room.id)
    head = log.head()
    records = log.entries(after, min(after + limit, head.seq))
    return Message.entries(records), head.seq
