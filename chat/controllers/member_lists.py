"""List who is in a room."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

from chat.controllers import access
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.user import User
from chat.models.user_search import found_among
from chat.utils.list_page import ListPage

Member: TypeAlias = tuple[Membership, User]


def page(person: User, room_id: str, after: int, limit: int) -> ListPage[Member, int]:
    """Return a page of a room's members, in order of arrival. Raises NotFound."""
    mine = access.membership(person, room_id).must("list members")
    members = Membership.page(mine.room, after, limit)
    return ListPage(_with_users(members.items), members.following)


def which_of(person: User, room_id: str, user_ids: list[Id]) -> set[Id]:
    """Return the people among `user_ids` who are in a room. Raises NotFound."""
    mine = access.membership(person, room_id).must("list members")
    return Membership.among(mine.room.id, user_ids)


def find(
    person: User, room_id: str, beginning: str, after: str, limit: int
) -> ListPage[Member, str]:
    """Return a page of members whose name or title begins so, by name, those by title behind.

    Raises NotFound.
    """
    mine = access.membership(person, room_id).must("list members")
    found = found_among(
        beginning, partial(Membership.people_in, mine.room.id), Membership.count(mine.room.id)
    )
    places = {user_id: f"{name}\0{user_id}" for name, user_id in found}
    wanted = [user_id for user_id, place in places.items() if place > after]
    members = Membership.first_of(mine.room, wanted, limit + 1)
    if len(members) <= limit:
        return ListPage(_with_users(members), None)
    shown = members[:limit]
    return ListPage(_with_users(shown), places[shown[-1].user_id])


def _with_users(members: list[Membership]) -> list[Member]:
    users = User.find_many(member.user_id for member in members)
    return [(member, users[member.user_id]) for member in members if member.user_id in users]
