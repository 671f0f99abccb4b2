"""List the messages that mention a person, over all their rooms."""

from __future__ import annotations

from chat import extensions
from chat.models import mention_index
from chat.models.document import Id, id_from
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES, Allowance
from chat.models.message.paged import USUAL_PAGE
from chat.models.user import User
from chat.schemas.messages import size_of
from chat.utils.list_page import ListPage

LAST = "f" * 24
MOST_ROUNDS = 10  # rounds of USUAL_PAGE messages for one answer


def list_of(
    person: User, before: str = LAST, limit: int = USUAL_PAGE, most_bytes: int = MOST_BYTES
) -> ListPage[Message, str]:
    """Return a page of the messages that mention the person, newest first.

    The page has only messages before the message `before`, in rooms that the person is in. An
    `@room` does not mention people who joined the room later.

    The page has at most `limit` messages and `most_bytes`. If edits removed many mentions, it may
    be empty although the list goes on.
    """
    found: list[Message] = []
    at = id_from(before)
    count = min(limit, USUAL_PAGE)
    allowance = Allowance(most_bytes)
    if at is None:
        return ListPage([], None)
    for _ in range(MOST_ROUNDS):
        if len(found) == limit:
            break
        ids = mention_index.newest(person.id, at, count)
        rooms = {
            mine.room.id: mine for mine in Membership.find_many(person.id, Message.rooms_of(ids))
        }
        for message in Message.find_each(ids, alone=not extensions.settings().redis_url):
            if _calls(person, rooms, message):
                if len(found) == limit or not allowance.takes(size_of(message)):
                    return ListPage(found, str(found[-1].id))
                found.append(message)
        if len(ids) < count:
            return ListPage(found, None)
        at = ids[-1]
    return ListPage(found, str(at))


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
