"""What names somebody, over all their rooms."""

from __future__ import annotations

from chat import extensions
from chat.models import mention
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.user import User

LAST = "f" * 24
MOST_STEPS = 10  # pages looked through for one: of what was taken back, or said in rooms that were left


def list_of(person: User, before: str = LAST, limit: int = 50) -> tuple[list[Message], str | None]:
    """Messages that name the person, newest first, before the message `before`; and where the list goes on.

    Of rooms they are in, as those messages are now. Whoever came later was not called by an earlier `@room`.
    """
    found: list[Message] = []
    at = id_from(before)
    for _ in range(MOST_STEPS):
        if at is None or len(found) >= limit:
            break
        ids = mention.newest(person.id, at, limit)
        found += _calling(person, Message.find_many(ids, alone=not extensions.settings().redis_url))
        at = ids[-1] if len(ids) == limit else None
    found = sorted(found, key=lambda message: message.id, reverse=True)
    following = found[limit - 1].id if len(found) > limit else at
    return found[:limit], str(following) if following else None


def _calling(person: User, messages: list[Message]) -> list[Message]:
    """Those that call the person now: edits and deletions took some back, and rooms were left."""
    room_ids = {message.room_id for message in messages}
    rooms: dict[Id, Membership] = {mine.room.id: mine for mine in Membership.find_many(person.id, room_ids)}
    return [
        message for message in messages
        if (mine := rooms.get(message.room_id)) and message.calls(person.id)
        and (person.id in message.mentions or message.created_at >= mine.joined_at)
    ]
