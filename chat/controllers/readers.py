"""Tell a room's members who can read it."""

from __future__ import annotations

from typing import Any, NamedTuple

from chat.controllers import access, retention
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.outgoing_webhook import OutgoingWebhook
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.retention import show_retention


class Readers(NamedTuple):
    """A room, how many members read it, its bots, and the names of webhooks that get its messages.

    The members include the bots. `retention`: a RetentionView.
    """

    room: Room
    members: int
    bots: list[User]
    hooks: dict[Id, str]
    retention: dict[str, Any]


def of(person: User, room_id: str) -> Readers:
    """Return who can read a room, for its members. Raises NotFound."""
    room = access.membership(person, room_id).must("list members").room
    hooks = {each.id: each.shown().name for each in OutgoingWebhook.of(room.id) if each.is_on}
    count = len(room.people) or Membership.count(room.id)
    shown = show_retention(*retention.terms_of(room))
    return Readers(room, count, bots_in(room), hooks, shown)


def bots_in(room: Room) -> list[User]:
    """Return the bots that are members of a room, by username."""
    members = User.find_many(room.people or Membership.people_in(room.id)).values()
    return sorted((user for user in members if user.is_bot), key=lambda bot: bot.username)
