"""Read messages: of a room, a page at a time, or by their ids."""

from __future__ import annotations

from chat import extensions
from chat.controllers import access
from chat.models.document import id_from
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES, Allowance
from chat.models.message.paged import USUAL_PAGE, Beside, Page
from chat.models.message.place import Place
from chat.models.pins import MOST_PINS
from chat.models.user import User
from chat.schemas.messages import size_of
from chat.utils.list_page import ListPage


def pinned(
    person: User,
    room_id: str,
    *,
    before: Place | None = None,
    limit: int = MOST_PINS,
    most_bytes: int = MOST_BYTES,
) -> tuple[list[Message], Place | None]:
    """Return a room's pinned messages, the latest pin first, and where the list goes on.

    Raises NotFound.
    """
    mine = access.membership(person, room_id).must("read")
    return Message.pinned_in(mine.room.id, before, limit, size_of, most_bytes)


def page(
    person: User,
    room_id: str,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = USUAL_PAGE,
    most_bytes: int = MOST_BYTES,
) -> Page:
    """Return a page of a room's messages. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    return Message.page(
        mine.room.id,
        before=before,
        after=after,
        around=around,
        limit=limit,
        size=size_of,
        most_bytes=most_bytes,
    )


def chosen(
    person: User, message_ids: list[str], most_bytes: int = MOST_BYTES
) -> ListPage[Message, str]:
    """Return the messages with these ids that the person may see, in this order.

    `following`: the ids from the first on for which `most_bytes` had no room.
    """
    ids = list(dict.fromkeys(found for each in message_ids if (found := id_from(each))))
    rooms = Message.rooms_by_id(ids)
    # Looked up for ids of no message as well: the time of the answer does not tell which are some.
    mine = access.rooms_among(person, {rooms.get(each, each) for each in ids})
    seen = [each for each in ids if rooms.get(each) in mine]
    shown: list[Message] = []
    allowance = Allowance(most_bytes)
    for message in Message.find_each(seen, alone=not extensions.settings().redis_url):
        if not allowance.takes(size_of(message)):
            rest = seen[len(shown) :]
            return ListPage(shown, ",".join(map(str, rest)))
        shown.append(message)
    return ListPage(shown, None)


def beside(person: User, room_id: str, seqs: list[int]) -> dict[int, Beside]:
    """Return the messages just before and after each of some messages. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    return Message.beside(mine.room.id, seqs)
