"""Define the input and the views of rooms as administrators see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marshmallow import fields

from chat.models.room import Room
from chat.models.user import User
from chat.schemas.account_names import LONGEST_USERNAME
from chat.schemas.base import Input, View
from chat.schemas.fields import Moment, Next, ObjectIdString
from chat.schemas.rooms import NamedRoomView, show_named_room
from chat.schemas.text_fields import StrictString
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339


class OwnerInput(Input):
    user_id = ObjectIdString(
        required=True, metadata={"description": "a member of the room, or yourself"}
    )


class OwnerFormInput(Input):
    """A form’s choice of an owner."""

    username = StrictString(LONGEST_USERNAME, required=True)


class SeenRoomView(NamedRoomView):
    member_count = fields.Integer(required=True)
    last_entry_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "the last message or change of one; null: there is none"},
    )
    owners = fields.List(
        fields.Nested(UserView), required=True, metadata={"description": "ten of them at most"}
    )
    lacks_owner = fields.Boolean(
        required=True, metadata={"description": "whether all its owners are deactivated"}
    )


class SeenRoomsView(View):
    rooms = fields.List(fields.Nested(SeenRoomView), required=True)
    private_rooms = fields.Integer(
        required=True, metadata={"description": "how many there are; nothing else of them is told"}
    )
    next = Next("after")


def show_seen_room(
    room: Room,
    members: int,
    last_entry_at: datetime | None,
    owners: Iterable[User],
    lacks_owner: bool,
) -> dict[str, Any]:
    """Return a SeenRoomView."""
    return show_named_room(room) | {
        "member_count": members,
        "last_entry_at": last_entry_at and rfc3339(last_entry_at),
        "owners": [show_user(owner) for owner in owners],
        "lacks_owner": lacks_owner,
    }
