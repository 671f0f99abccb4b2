"""Look into a public room before joining it: nobody in the room learns of it."""

from __future__ import annotations

from typing import NamedTuple

from chat.controllers import access, memberships, own_bans
from chat.models.membership import Membership
from chat.models.membership.decision import Decision
from chat.models.message import Message
from chat.models.message.bounds import MOST_BYTES
from chat.models.message.paged import Page
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.messages import size_of
from chat.utils.errors import NotFound


class Preview(NamedTuple):
    """A room, the membership of a person who is in it already, and its newest messages."""

    room: Room
    membership: Membership | None
    page: Page


def show(person: User, room_id: str, *, most_bytes: int = MOST_BYTES) -> Preview:
    """Return what a person sees of a room before they join: who may join it may look into it.

    This changes nothing: it marks nothing as read, and sends no event. Raises NotFound,
    Forbidden.
    """
    try:
        room = access.room_to_join(person, room_id)
    except NotFound:
        own_bans.tell_of_ban(person, room_id)
        raise
    own = Membership.find_now(room.id, person.id)
    if own is None:
        memberships.must_let_in(person, Decision.now(room.id))
    return Preview(room, own, Message.page(room.id, size=size_of, most_bytes=most_bytes))
