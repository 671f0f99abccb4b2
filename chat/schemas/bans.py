"""Define the input and the views of bans: people who are kept out of a room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields, post_load

from chat.models.ban import USUAL_PAGE, Ban
from chat.models.document import Id
from chat.models.user import User
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.fields import Moment, Next, ObjectIdString, OneOf
from chat.schemas.mutes import EndMoment
from chat.schemas.text_fields import Line
from chat.schemas.users import UserView, show_user
from chat.utils.clock import now, rfc3339

LONGEST_BAN_REASON = 200
MOST_BANS = USUAL_PAGE


class BanReasonInput(Input):
    reason = Line(
        0,
        LONGEST_BAN_REASON,
        load_default="",
        metadata={"description": "for the room’s moderators"},
    )


class BanInput(BanReasonInput):
    user_id = ObjectIdString(required=True)
    until = EndMoment(
        metadata={"description": "when it ends; null: when somebody lifts it"},
    )


class ForForm(BanReasonInput):
    """A form's choice of how long a ban or a mute holds."""

    seconds = OneOf(("", "3600", "86400", "604800"), load_default="")  # empty: without an end

    @post_load
    def _read_seconds(self, data: dict[str, Any], **_options: object) -> dict[str, Any]:
        seconds = data.pop("seconds")
        until = now() + timedelta(seconds=int(seconds)) if seconds else None
        return data | {"until": until}


class BansQuery(QueryInput):
    before = ObjectIdString(metadata={"description": "`next` of the page before"})


class BanView(View):
    user = fields.Nested(UserView, required=True)
    until = Moment(required=True, allow_none=True)
    reason = fields.String(required=True)
    banned_by = fields.Nested(UserView, required=True)
    created_at = Moment(required=True)


class BansView(View):
    bans = fields.List(fields.Nested(BanView), required=True)
    next = Next("before")


def show_ban(ban: Ban, people: dict[Id, User]) -> dict[str, Any]:
    """Return a BanView. `people`: everybody whom the ban names."""
    return {
        "user": show_user(people[ban.user_id]),
        "until": ban.until and rfc3339(ban.until),
        "reason": ban.reason,
        "banned_by": show_user(people[ban.banned_by]),
        "created_at": rfc3339(ban.created_at),
    }


def show_own_ban(until: datetime | None) -> dict[str, Any]:
    """Return what a banned person learns of a ban: when it ends, if it does."""
    return {"until": until and rfc3339(until)}
