"""Serve the people of a room as one page, which also explains a failed change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import adding, blocks, memberships, people, room_invitations, rooms
from chat.models.membership import Membership
from chat.models.user import User
from chat.routes.pages.forms import change_or_explain, read_form, read_query
from chat.routes.pages.once import once
from chat.schemas.members import MembersPageQuery, RoleInput, show_member
from chat.schemas.rooms import show_room
from chat.schemas.users import show_user
from chat.utils.errors import ChatError

members = Blueprint("members", __name__)

PEOPLE_ON_A_PAGE = 100


@members.get("/rooms/<room_id>/members")
def show(room_id: str) -> str:
    return _page(room_id)


@members.post("/rooms/<room_id>/members")
def add(room_id: str) -> AnyResponse:
    user_id = request.form.get("user_id", "")
    return _change(room_id, lambda: adding.add(g.person, room_id, user_id))


@members.post("/rooms/<room_id>/members/<user_id>/role")
def change_role(room_id: str, user_id: str) -> AnyResponse:
    return _change(
        room_id, lambda: memberships.change_role(g.person, room_id, user_id, **read_form(RoleInput))
    )


@members.post("/rooms/<room_id>/members/<user_id>/remove")
@once
def remove(room_id: str, user_id: str) -> AnyResponse:
    return _change(room_id, lambda: memberships.remove(g.person, room_id, user_id))


def _change(room_id: str, change: Callable[[], object]) -> AnyResponse:
    """Make the change, and redirect back to the page of members."""
    done = url_for("pages.members.show", room_id=room_id)
    return change_or_explain(change, partial(_page, room_id), done)


def _page(room_id: str, mistake: ChatError | None = None) -> str:
    """Return a page of the members, or of those with a name and the others who have it."""
    query = read_query(MembersPageQuery)
    membership = rooms.show(g.person, room_id)
    q = query["q"]
    found = people.search(q) if q and membership.may("add members") else []
    there = memberships.which_of(g.person, room_id, [user.id for user in found])
    return render_template(
        "rooms/members.html",
        **_members(room_id, q, query["after"]),
        **_around_members(membership, found),
        room=show_room(membership),
        may=membership.may,
        is_last_owner=memberships.is_last_owner(g.person, room_id),
        mistake=mistake,
        q=q,
        found=[show_user(user) for user in found if user.id not in there],
    )


def _members(room_id: str, q: str, after: int) -> dict[str, Any]:
    """Return the MemberViews of a page, and where the next one begins."""
    if q:
        members = memberships.find(g.person, room_id, q, "", PEOPLE_ON_A_PAGE).items
        return {"members": [show_member(*item) for item in members], "following": None}
    page = memberships.page(g.person, room_id, after, PEOPLE_ON_A_PAGE)
    return {"members": [show_member(*item) for item in page.items], "following": page.following}


def _around_members(mine: Membership, found: list[User]) -> dict[str, Any]:
    """Return a direct room's blocked people; in other rooms the invited people, even in `found`."""
    room_id = str(mine.room.id)
    if mine.room.kind == "direct":
        blocked = blocks.blocked_among(g.person, mine.room.people)
        return {"blocked": {str(user_id) for user_id in blocked}}
    invited = room_invitations.invited_to(g.person, room_id)
    already = room_invitations.invited_among(g.person, room_id, [user.id for user in found])
    return {
        "invited": [show_user(user) for user in invited],
        "already_invited": {str(user_id) for user_id in already},
    }
