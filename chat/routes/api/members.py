"""`/rooms/<id>/members`: the members of a room."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import adding, member_lists, memberships, readers, room_invitations
from chat.controllers.member_lists import Member
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
from chat.schemas.readers import ReadersView, show_readers
from chat.schemas.room_invitations import InvitedView, show_invitation
from chat.utils.list_page import ListPage

members = Blueprint("members", __name__, description="Members of rooms")


@members.get("/<id:room_id>/members", name="listMembers", scope="read")
@members.arguments(MembersQuery, location="query")
@members.conditional_response(MembersView)
def list_some(query: dict[str, Any], room_id: str) -> Response:
    """List a room's members

    In the order in which they joined. With `q`, lists the members whose name begins with it, by
    name. A page may contain fewer than `limit`; there are more while `next` is not null.
    """
    if query["q"]:
        return _show(
            member_lists.find(g.person, room_id, query["q"], query["after"], query["limit"])
        )
    page = member_lists.page(g.person, room_id, query["after"], query["limit"])
    return _show(page)


@members.get("/<id:room_id>/readers", name="getReaders", scope="read")
@members.response(200, ReadersView)
def show_who_reads(room_id: str) -> Response:
    """Get who can read a room

    For its members.
    """
    return json_answer(show_readers(*readers.of(g.person, room_id)))


@members.post("/<id:room_id>/members", name="addMember", scope="manage")
@members.arguments(MemberInput)
@members.response(201, MemberView)
@members.alt_response(200, schema=MemberView, description="The person is in the room already")
@members.alt_response(202, schema=InvitedView, description="The person is invited, and may accept")
def add(body: dict[str, str], room_id: str) -> Response:
    """Add a person to a room, or invite them

    A person who shares no room with you, or who left this room, is invited instead. Only moderators
    and owners can add a person who was removed.
    """
    added = adding.add(g.person, room_id, **body)
    if added.membership:
        status = 201 if added.is_new else 200
        return json_answer(show_member(added.membership, added.user), status)
    assert added.invitation
    assert added.inviter
    return json_answer({"invitation": show_invitation(added.invitation, added.inviter)}, 202)


@members.patch("/<id:room_id>/members/<id:user_id>", name="changeMemberRole", scope="manage")
@members.arguments(RoleInput)
@members.response(200, MemberView)
def change_role(body: dict[str, str], room_id: str, user_id: str) -> Response:
    """Change a member's role

    For owners.
    """
    return json_answer(show_member(*memberships.change_role(g.person, room_id, user_id, **body)))


@members.delete("/<id:room_id>/members/<id:user_id>", name="removeMember", scope="manage")
@members.response(204)
def remove(room_id: str, user_id: str) -> tuple[Any, int]:
    """Remove a member from a room

    For owners and moderators; everybody can remove themselves. The person receives nothing of the
    room from then on.
    """
    memberships.remove(g.person, room_id, user_id)
    return "", 204


@members.delete("/<id:room_id>/invitations/<id:user_id>", name="withdrawInvitation", scope="manage")
@members.response(204)
def withdraw(room_id: str, user_id: str) -> tuple[Any, int]:
    """Withdraw an invitation to a room

    For the person who sent it, for moderators and owners. The person may be invited again.
    """
    room_invitations.withdraw(g.person, room_id, user_id)
    return "", 204


def _show(page: ListPage[Member, Any]) -> Response:
    shown = [show_member(*item) for item in page.items]
    return answer_of_one_room({"members": shown, "next": show_next(page.following)})
