"""`/rooms/<id>/members`: the members of a room."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import memberships
from chat.controllers.memberships import Member
from chat.routes.api.parsing import Blueprint
from chat.routes.api.reading import answer_of_one_room
from chat.routes.responses import json_answer
from chat.schemas.base import show_next
from chat.schemas.members import (
    MemberInput,
    MembersQuery,
    MembersView,
    MemberView,
    RoleInput,
    show_member,
)
from chat.schemas.room_invitations import InvitedView, show_invitation
from chat.utils.list_page import ListPage

members = Blueprint("members", __name__, description="Who is in a room")


@members.get("/<id:room_id>/members", name="listMembers")
@members.arguments(MembersQuery, location="query")
@members.response(200, MembersView)
def list_some(query: dict[str, Any], room_id: str) -> Response:
    """\
    Who is in a room, in the order in which they came; with q, those whose name begins so, by name

    A page may hold fewer than `limit`, and goes on while `next` is not null.
    """
    if query["q"]:
        return _show(
            memberships.find(g.person, room_id, query["q"], query["after"], query["limit"])
        )
    page = memberships.page(g.person, room_id, query["after"], query["limit"])
    return _show(page)


@members.post("/<id:room_id>/members", name="addMember")
@members.arguments(MemberInput)
@members.response(201, MemberView)
@members.alt_response(200, schema=MemberView, description="They were in it already")
@members.alt_response(202, schema=InvitedView, description="They are invited, and may accept")
def add(body: dict[str, str], room_id: str) -> Response:
    """Bring somebody into a room, or invite them

    Who shares no room with you, or has left this one, is invited. Whom a moderator removed is for
    moderators to add.
    """
    added = memberships.add(g.person, room_id, **body)
    if added.membership:
        status = 201 if added.came else 200
        return json_answer(show_member(added.membership, added.user), status)
    assert added.invitation
    assert added.inviter
    return json_answer({"invitation": show_invitation(added.invitation, added.inviter)}, 202)


@members.patch("/<id:room_id>/members/<id:user_id>", name="changeMemberRole")
@members.arguments(RoleInput)
@members.response(200, MemberView)
def change_role(body: dict[str, str], room_id: str, user_id: str) -> Response:
    """Change somebody's role

    For owners.
    """
    return json_answer(show_member(*memberships.change_role(g.person, room_id, user_id, **body)))


@members.delete("/<id:room_id>/members/<id:user_id>", name="removeMember")
@members.response(204)
def remove(room_id: str, user_id: str) -> tuple[Any, int]:
    """Put somebody out of a room

    For owners and moderators, or oneself. They hear nothing of it from then on.
    """
    memberships.remove(g.person, room_id, user_id)
    return "", 204


def _show(page: ListPage[Member, Any]) -> Response:
    shown = [show_member(*item) for item in page.items]
    return answer_of_one_room({"members": shown, "next": show_next(page.following)})
