"""States of a membership, and the fields of its record that change with them."""

from __future__ import annotations

from chat.models.database import Record
from chat.models.document import Id
from chat.models.list_places import take_place
from chat.utils.clock import now

LISTED = "listed"  # the room is in its person's list
HIDDEN = "hidden"  # a direct room that its person hid
UNSAID = "unsaid"  # a direct room that somebody else opened and in which nobody posted yet
ENDED = "ended"  # the person is not in the room any more
LISTED_OR_HIDDEN = {"$gte": HIDDEN, "$lte": LISTED}  # a range: neither other state sorts in between
# Reasons why a membership ended.
LEFT = "left"
REMOVED = "removed"


def is_in(record: Record | None) -> bool:
    """Return whether a membership's record says that its person is in the room."""
    return record is not None and record["state"] != ENDED


def beginning(role: str, read_seq: int) -> Record:
    """Return the fields of a new membership, except `state` and `place`."""
    return {
        "role": role,
        "ended": None,
        "read_seq": read_seq,
        "unread_mark": 0,
        "joined_at": now(),
        "connects": True,
    }


def listed(user_id: Id) -> Record:
    """Return the fields of a membership whose room moves to the front of its person's list."""
    return {"state": LISTED, "place": take_place(user_id)}


def not_listed(state: str) -> Record:
    """Return the fields of a membership that is not LISTED but HIDDEN, UNSAID or ENDED."""
    return {"state": state, "place": None}
