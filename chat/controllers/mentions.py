"""List the messages that mention a person, over all their rooms."""

from __future__ import annotations

from chat import extensions
from chat.models import mention
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES, Allowance
from chat.models.message.paged import USUAL_PAGE
from chat.models.user import User
from chat.schemas.messages import size_of

LAST = "f" * 24
MOST_ROUNDS = 10  # rounds of USUAL_PAGE messages for one answer


def list_of(
    person: User, before: str = LAST, limit: int = USUAL_PAGE, most_bytes: int = MOST_BYTES
) -> tuple[list[Message], str | None]:
    """Return messages that mention the person, newest first, and where the list goes on.

    Only messages before the message `before`, of rooms they are in, as those messages are now. An
    earlier `@room` does not call a person who joined later.

    At most `limit` messages and `most_bytes`. The result may be empty though the list goes on,
    where edits removed many mentions.
    """
    found, at, count, allowance = (
        list[Message](),
        id_from(before),
        min(limit, USUAL_PAGE),
        Allowance(most_bytes),
    )
    for _ in range(MOST_ROUNDS):
        if at is None or len(found) == limit:
            break
        ids = mention.newest(person.id, at, count)
        rooms = {
            mine.room.id: mine for mine in Membership.find_many(person.id, Message.rooms_of(ids))
        }
        for message in Message.find_each(ids, alone=not extensions.settings().redis_url):
            if _calls(person, rooms, message):
                if len(found) == limit or not allowance.takes(size_of(message)):
                    return found, str(found[-1].id)
                found.append(message)
        at = ids[-1] if len(ids) == count else None
    return found, str(at) if at else None


def _calls(person: User, rooms: dict[Id, Membership], message: Message) -> bool:
    """Return whether a message mentions the person now.

    Edits and deletions remove mentions, and people leave rooms.
    """
    mine = rooms.get(message.room_id)
    is_named = person.id in message.mentions
    return (
        mine is not None
        and message.calls(person.id)
        and (is_named or message.created_at >= mine.joined_at)
    )
