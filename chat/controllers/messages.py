"""What people say."""

from __future__ import annotations

from chat.controllers import access, broadcasts
from chat.models.message import Message
from chat.models.message.paged import USUAL_PAGE, Page
from chat.models.user import User


def post(author: User, room_id: str, *, body: str, client_id: str) -> tuple[Message, bool]:
    """Says something in a room, once per `client_id`; whether it is new. Raises NotFound, Conflict, Unavailable."""
    mine = access.membership(author, room_id).must("post")
    message, is_new = Message.post(mine.room.id, author, client_id, body)
    broadcasts.message_posted(message)  # again for a retry: the first try may have died before this line
    return message, is_new


def page(
    person: User, room_id: str, *,
    before: int | None = None, after: int | None = None, around: int | None = None, limit: int = USUAL_PAGE,
) -> Page:
    """Some of what was said in a room. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    return Message.page(mine.room.id, before=before, after=after, around=around, limit=limit)
