"""Read a room's messages, a page at a time."""

from __future__ import annotations

from chat.controllers import access
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES
from chat.models.message.paged import USUAL_PAGE, Beside, Page
from chat.models.message.place import Place
from chat.models.pins import MOST_PINS
from chat.models.user import User
from chat.schemas.messages import size_of


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


def beside(person: User, room_id: str, seqs: list[int]) -> dict[int, Beside]:
    """Return the messages just before and after each of some messages. Raises NotFound."""
    mine = access.membership(person, room_id).must("read")
    return Message.beside(mine.room.id, seqs)
