"""What `bin/chat verify` finds about single rooms: other tests leave damage in the database."""

from __future__ import annotations

from chat.controllers import verification
from chat.models.document import Id
from chat.models.message import Message


def problems_in(*room_ids: Id) -> list[str]:
    """Return the problems of rooms, and of the pictures of their messages."""
    ids = {str(room_id) for room_id in room_ids}
    for room_id in room_ids:
        for message in Message.page(room_id, limit=200).messages:
            ids |= {image["id"] for image in message.images}
    *_, found = verification.verify()
    return [problem for problem in found.problems if any(each in problem for each in ids)]
