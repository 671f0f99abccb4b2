"""What people say."""

from __future__ import annotations

from chat.controllers import access, broadcasts, images
from chat.models.message import Message
from chat.models.message.paged import USUAL_PAGE, Page
from chat.models.user import User


def post(author: User, room_id: str, *, body: str, client_id: str, image_ids: list[str]) -> tuple[Message, bool]:
    """Says or shows something in a room, once per `client_id`; whether it is new.

    Raises NotFound, Conflict, ValidationFailed, Unavailable.
    """
    mine = access.membership(author, room_id).must("post")
    claimed = images.claim(author, mine.room.id, client_id, image_ids)
    message, is_new = Message.post(mine.room.id, author, client_id, body, claimed)
    for image in claimed:
        image.settle(image.id, message.id)
    broadcasts.message_posted(message)  # again for a retry: the first try may have died before this line
    return message, is_new


def page(
    person: User, room_id: str, *,
    before: int | None = None, after: int | None = None, around: int | None = None, limit: int = USUAL_PAGE,
) -> Page:
    """Some of what was said in a room. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    return Message.page(mine.room.id, before=before, after=after, around=around, limit=limit)
