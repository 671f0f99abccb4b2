"""Catch up: read the entries of a room's log that a client missed."""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import access
from chat.models.log import log_of
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES, fitting
from chat.models.message.changeable import Entry
from chat.models.user import User
from chat.schemas.messages import size_of
from chat.utils import metrics

ENTRY_BYTES = 120  # size of an entry in the answer, without its message


class MissedEntries(NamedTuple):
    entries: list[Entry]
    head_seq: int


def catch_up(
    person: User, room_id: str, *, after: int, limit: int, most_bytes: int = MOST_BYTES
) -> MissedEntries:
    """Return the entries after `after`, in order and without gaps.

    Return at most `limit` entries and at most `most_bytes`. Raises NotFound.
    """
    mine = access.membership(person, room_id).must("read")
    metrics.catch_ups.inc()
    head = log_of(mine.room.id).head()
    entries = Message.entries_after(mine.room.id, after, min(after + limit, head.seq))
    fits = fitting(entries, lambda entry: ENTRY_BYTES + size_of(entry.message), most_bytes)
    return MissedEntries(fits, head.seq)
