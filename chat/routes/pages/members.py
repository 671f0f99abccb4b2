"""Serve the people of a room as one page, which also explains a failed change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import (
    adding,
    blocks,
    member_lists,
    memberships,
    people,
    room_invitations,
    rooms,
)
from chat.models.document import Id
from chat.models.membership import Membership
from chat.models.user import User
from chat.routes.pages.forms import change_or_explain, read_form, read_query
from chat.routes.pages.once import once
from chat.schemas.members import MembersPageQuery, RoleInput, show_member
from chat.schemas.rooms import show_room
from chat.schemas.users import show_titled, show_user
from chat.utils.errors import ChatError

members = Blueprint("members", __name__)

PEOPLE_ON_A_PAGE = 100


@members.get("/rooms/<room_id>/members")
def show(room_id: str) -> str:
    return _page(room_id)


@members.post("/rooms/<room_id>/members")
def add(room_id: str) -> AnyResponse:
    """Add somebody, and lead back to the field, so that others can be added in a row."""
    user_id = request.form.get("user_id", "")
    return change_or_explain(
        lambda: adding.add(g.person, room_id, user_id),
        partial(_page, room_id),
        url_for(
            "pages.members.show",
            room_id=room_id,
            add=request.form.get("add") or None,
            last=user_id,
        ),
    )


@members.post("/rooms/<room_id>/members/<user_id>/role")
def change_role(room_id: str, user_id: str) -> AnyResponse:
    return _change(
        room_id, lambda: memberships.change_role(g.person, room_id, user_id, **read_form(RoleInput))
    )


@members.post("/rooms/<room_id>/members/<user_id>/remove")
@once
def remove(room_id: str, user_id: str) -> AnyResponse:
    return _change(room_id, lambda: memberships.remove(g.person, room_id, user_id))


@members.post("/rooms/<room_id>/invitations/<user_id>/withdraw")
@once
def withdraw(room_id: str, user_id: str) -> AnyResponse:
    return _change(room_id, lambda: room_invitations.withdraw(g.person, room_id, user_id))


def _change(room_id: str, change: Callable[[], object]) -> AnyResponse:
    """Make the change, and redirect back to the page of members."""
    done = url_for("pages.members.show", room_id=room_id)
    return change_or_explain(change, partial(_page, room_id), done)


def _page(room_id: str, mistake: ChatError | None = None) -> str:
    """Return a page of the members, or of those with a name and the others who have it.

    With `add`, it offers people to add, and those with a name.
    """
    query = read_query(MembersPageQuery)
    membership = rooms.show(g.person, room_id)
    may_add = membership.may("add members")
    q, adds = query["q"], bool(query["add"] and may_add)
    found = people.search(q) if may_add and (q or adds) else []
    there = member_lists.which_of(g.person, room_id, [user.id for user in found])
    others = [user for user in found if user.id not in there]
    return render_template(
        "rooms/members.html",
        **_members(room_id, q, query["after"]),
        **_around_members(membership, others, query["last"]),
        room=show_room(membership),
        may=membership.may,
        reaches=membership.reaches,
        is_last_owner=memberships.is_last_owner(g.person, room_id),
        mistake=mistake,
        q=q,
        adds=adds,
        found=[show_titled(user) for user in others],
    )


def _members(room_id: str, q: str, after: int) -> dict[str, Any]:
    """Return the MemberViews of a page, and where the next one begins."""
    if q:
        members = member_lists.find(g.person, room_id, q, "", PEOPLE_ON_A_PAGE).items
        return {"members": [show_member(*item) for item in members], "following": None}
    page = member_lists.page(g.person, room_id, after, PEOPLE_ON_A_PAGE)
    return {"members": [show_member(*item) for item in page.items], "following": page.following}


def _around_members(mine: Membership, found: list[User], last: str) -> dict[str, Any]:
    """Return a direct room's blocked people; in other rooms who is invited, or would be."""
    room_id = str(mine.room.id)
    if mine.room.kind == "direct":
        blocked = blocks.blocked_among(g.person, mine.room.people)
        return {"blocked": {str(user_id) for user_id in blocked}}
    ids = [user.id for user in found]
    return {
        "invited": [
            (show_user(user), invited_by == g.person.id or mine.may("remove members"))
            for user, invited_by in room_invitations.invited_to(g.person, room_id)
        ],
        "already_invited": _texts(room_invitations.invited_among(g.person, room_id, ids)),
        "would_be_invited": _texts(adding.would_be_invited(g.person, room_id, ids)),
        "added": _added(room_id, last),
    }


def _added(room_id: str, last: str) -> tuple[str, bool] | None:
    """Return the name of who was added last, and whether they are in the room or invited only."""
    if not (user := next(iter(people.chosen([last])), None)):
        return None
    if member_lists.which_of(g.person, room_id, [user.id]):
        return user.label, True
    if room_invitations.invited_among(g.person, room_id, [user.id]):
        return user.label, False
    return None


def _texts(ids: Iterable[Id]) -> set[str]:
    return {str(each) for each in ids}
