"""What names somebody, over all their rooms."""

from __future__ import annotations

from chat.models import mention
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.user import User

LAST = "f" * 24


def list_of(person: User, before: str = LAST, limit: int = 50) -> tuple[list[Message], str | None]:
    """Messages that name the person, newest first, before the message `before`; and where the list goes on.

    Of rooms they are in, as those messages are now. Whoever came later was not called by an earlier `@room`.
    """
    rooms = {membership.room.id: membership for membership in Membership.of_hidden_too(person.id)}
    # By the second: within one, the ids of two processes are in no order, and somebody may be named as soon as they are here.
    audiences: dict[Id, Id] = {person.id: Id.from_datetime(person.id.generation_time)}
    audiences |= {room_id: Id.from_datetime(membership.joined_at) for room_id, membership in rooms.items()}
    found: list[Message] = []
    at = id_from(before)
    while at and len(found) < limit:
        ids = mention.newest(audiences, at, limit)
        found += _calling(person, rooms, Message.find_many(ids))
        at = ids[-1] if len(ids) == limit else None
    found = sorted(found, key=lambda message: message.id, reverse=True)
    more = len(found) > limit or at is not None
    return found[:limit], str(found[:limit][-1].id) if more else None


def _calling(person: User, rooms: dict[Id, Membership], messages: list[Message]) -> list[Message]:
    """Those that call the person now: edits and deletions took some back, and rooms were left."""
    return [
        message for message in messages
        if (mine := rooms.get(message.room_id)) and message.calls(person.id)
        and (person.id in message.mentions or message.created_at >= mine.joined_at)
    ]
