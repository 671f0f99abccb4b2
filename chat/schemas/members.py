"""Define the input and the views of a room's members."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load

from chat.models.membership import Membership
from chat.models.permissions import ROLES
from chat.models.user import User
from chat.schemas.base import Input, View
from chat.schemas.fields import (
    BIGGEST_SEQ,
    ID_LENGTH,
    Cursor,
    Moment,
    Next,
    ObjectIdString,
    OneOf,
    StrictInteger,
)
from chat.schemas.mutes import MuteView, show_mute
from chat.schemas.rooms import LONGEST_CURSOR
from chat.schemas.text_fields import StrictString
from chat.schemas.users import PeopleQuery, TitledUserView, show_titled
from chat.utils.clock import rfc3339
from chat.utils.translation import _


class MembersQuery(PeopleQuery):
    after = Cursor(
        LONGEST_CURSOR, load_default="", metadata={"description": "`next` of the page before"}
    )
    limit = StrictInteger(1, 200, strict=False, load_default=100)

    @post_load
    def _read_cursor(self, data: dict[str, Any], **_options: object) -> dict[str, Any]:
        if data["q"]:
            return data
        if not re.fullmatch("[0-9]{0,15}", data["after"]):
            raise ValidationError({"after": [_("Use `next` of the page before.")]})
        return data | {"after": int(data["after"] or 0)}


class MembersPageQuery(PeopleQuery):
    """`add`: whether the page offers people to add; `last`: the id of who was added last."""

    after = StrictInteger(0, BIGGEST_SEQ, strict=False, load_default=0)
    add = StrictString(1, load_default="")
    last = StrictString(ID_LENGTH, load_default="")


class MemberInput(Input):
    user_id = ObjectIdString(required=True)
    role = OneOf(ROLES, load_default="member")


class RoleInput(Input):
    role = OneOf(ROLES, required=True)


class MemberView(View):
    user = fields.Nested(TitledUserView, required=True)
    role = OneOf(ROLES, required=True)
    joined_at = Moment(required=True)
    deactivated = fields.Boolean(
        required=True, metadata={"description": "whether nobody can use the account"}
    )
    mute = fields.Nested(
        MuteView,
        required=True,
        allow_none=True,
        metadata={"description": "they may read and not write; null: they may"},
    )


class MembersView(View):
    members = fields.List(fields.Nested(MemberView), required=True)
    next = Next("after")


def show_member(membership: Membership, user: User) -> dict[str, Any]:
    """Return a MemberView."""
    return {
        "user": show_titled(user),
        "role": membership.role,
        "joined_at": rfc3339(membership.joined_at),
        "deactivated": not user.is_active,
        "mute": show_mute(membership),
    }
