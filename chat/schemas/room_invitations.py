"""Define the views of invitations to rooms."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.membership import Membership
from chat.models.room import KINDS
from chat.models.room_invitation import RoomInvitation
from chat.models.user import User
from chat.schemas.base import View
from chat.schemas.fields import Moment, Next, OneOf
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339


class InvitedRoomView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = OneOf(KINDS, required=True)
    topic = fields.String(required=True)
    member_count = fields.Integer(required=True)


class RoomInvitationView(View):
    id = fields.String(required=True)
    room = fields.Nested(InvitedRoomView, required=True)
    invited_by = fields.Nested(UserView, required=True)
    created_at = Moment(required=True)


class InvitedView(View):
    invitation = fields.Nested(RoomInvitationView, required=True)


class RoomInvitationsView(View):
    invitations = fields.List(fields.Nested(RoomInvitationView), required=True)
    next = Next()


def show_invitation(invitation: RoomInvitation, inviter: User) -> dict[str, Any]:
    """Return a RoomInvitationView."""
    room = invitation.room
    return {
        "id": str(invitation.id),
        "room": {
            "id": str(room.id),
            "name": room.name,
            "kind": room.kind,
            "topic": room.topic,
            "member_count": Membership.count(room.id),
        },
        "invited_by": show_user(inviter),
        "created_at": rfc3339(invitation.created_at),
    }


def show_invitations(found: list[tuple[RoomInvitation, User]]) -> dict[str, Any]:
    """Return a RoomInvitationsView of all open invitations, which fit one page."""
    return {"invitations": [show_invitation(*each) for each in found], "next": None}
