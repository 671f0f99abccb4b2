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
    people = set(Membership.people_in(room.id))
    bots = [user for user in User.find_many(people).values() if user.owner_id]
    found = (Membership.find_now(room.id, bot.id) for bot in bots if bot.owner_id not in people)
    return [membership for membership in found if membership]


def without_new_owner(bot: User) -> list[Membership]:
    """Return a bot's memberships of private rooms that its owner is not in."""
    assert bot.owner_id
    found = (Membership.find_now(room_id, bot.id) for room_id in Membership.all_rooms_of(bot.id))
    return [
        membership
        for membership in found
        if membership
        and membership.room.kind == "private"
        and Membership.find_now(membership.room.id, bot.owner_id) is None
    ]
