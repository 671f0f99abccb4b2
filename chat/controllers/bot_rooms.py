"""In which rooms a bot may be: in a private one only beside its owner."""

from __future__ import annotations

from chat.models.ban import Ban
from chat.models.membership import Membership
from chat.models.room import Room
from chat.models.user import User
from chat.utils.errors import Forbidden
from chat.utils.translation import _


def must_be_with_owner(room: Room, user: User) -> None:
    """Raise Forbidden for a bot that would come into a private room without its owner."""
    if user.owner_id is None or room.kind != "private":
        return
    if Membership.find_now(room.id, user.owner_id) is None:
        raise Forbidden(_("The owner of this bot is not in this room."))


def left_alone(room: Room, owner: User) -> list[Membership]:
    """Return the memberships of somebody's bots in a room that the person has left.

    In a public room they stay, unless the person is banned there.
    """
    if room.kind != "private" and Ban.of(room.id, owner.id) is None:
        return []
    found = (Membership.find_now(room.id, bot.id) for bot in User.bots_of(owner.id))
    return [membership for membership in found if membership]


def without_owner(room: Room) -> list[Membership]:
    """Return the memberships of all bots whose owners are not in a room."""
    people = Membership.people_in(room.id)
    alone = [
        user.id for user in User.find_many(people).values() if user.owner_id not in (None, *people)
    ]
    found = (Membership.find_now(room.id, user_id) for user_id in alone)
    return [membership for membership in found if membership]
