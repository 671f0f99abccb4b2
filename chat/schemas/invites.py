"""Define the input and the views of invites: links that lead into the chat."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from marshmallow import ValidationError, fields

from chat.models.invite import USUAL_PAGE, Invite
from chat.models.room import Room
from chat.models.user import User
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.email import Email
from chat.schemas.fields import ListOf, Moment, Next, ObjectIdString, StrictInteger
from chat.schemas.rooms import NamedRoomView, RoomView, show_named_room
from chat.schemas.text_fields import Line, StrictString
from chat.schemas.users import LONGEST_INVITE, UserView, show_user
from chat.utils import qr_codes
from chat.utils.clock import rfc3339
from chat.utils.email_addresses import parsed
from chat.utils.sentences import Later
from chat.utils.text import quoted
from chat.utils.translation import _

MOST_ROOMS = 20
MOST_EMAILS = 20
LONGEST_LIST = 3_000  # characters of addresses as typed, each of some 150
SEPARATORS = re.compile(r"[\s,;<>]+")
MOST_USES = 100_000
LONGEST_NOTE = 200
DAY = 86_400  # seconds


class _Invite(Input):
    room_ids = ListOf(
        ObjectIdString(),
        0,
        MOST_ROOMS,
        load_default=list,
        error=Later("Name at most {most} rooms.", most=MOST_ROOMS),
        metadata={"description": "rooms that people join with the invite"},
    )
    max_uses = StrictInteger(
        1,
        MOST_USES,
        load_default=None,
        allow_none=True,
        metadata={"description": "how many people may use it; null: any number"},
    )
    expires_in = StrictInteger(
        60, 365 * DAY, load_default=7 * DAY, metadata={"description": "seconds"}
    )
    note = Line(
        0,
        LONGEST_NOTE,
        load_default="",
        metadata={"description": "whom it is for; the invited do not see it"},
    )


class InviteInput(_Invite):
    emails = ListOf(
        Email(),
        0,
        MOST_EMAILS,
        load_default=list,
        error=Later("Enter at most {most} addresses.", most=MOST_EMAILS),
        metadata={"description": "addresses that the link is mailed to"},
    )


class TypedEmails(StrictString):
    """Addresses as people type or paste them: behind each other, or one a line."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_LIST, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        texts = SEPARATORS.split(super()._deserialize(value, attr, data, **options))
        found = [parsed(text) or text for text in texts if text]
        for text in found:
            if parsed(text) is None:
                raise ValidationError(_("{text} is no e-mail address.", text=quoted(text)))
        if len(found) > MOST_EMAILS:
            raise ValidationError(_("Enter at most {most} addresses.", most=MOST_EMAILS))
        return found


class InviteFormInput(_Invite):
    """The same as a form sends it: numbers as texts."""

    max_uses = StrictInteger(1, MOST_USES, strict=False, load_default=None)
    emails = TypedEmails(load_default=list)
    expires_in = StrictInteger(60, 365 * DAY, strict=False, load_default=7 * DAY)


class InvitesQuery(QueryInput):
    before = ObjectIdString(metadata={"description": "`next` of the page before"})
    limit = StrictInteger(1, USUAL_PAGE, strict=False, load_default=USUAL_PAGE)


class CodeInput(Input):
    code = StrictString(LONGEST_INVITE, required=True)


class InviteView(View):
    id = fields.String(required=True)
    code = fields.String(
        required=True, allow_none=True, metadata={"description": "null, except when it is made"}
    )
    url = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the link to give to people; null, except when it is made"},
    )
    qr_svg = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the link as a QR code; null, except when it is made"},
    )
    invited_by = fields.Nested(UserView, required=True)
    rooms = fields.List(fields.Nested(NamedRoomView), required=True)
    uses = fields.Integer(required=True)
    max_uses = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True)
    note = fields.String(required=True)


class InvitesView(View):
    invites = fields.List(fields.Nested(InviteView), required=True)
    next = Next("before")


class JoinedRoomsView(View):
    rooms = fields.List(fields.Nested(RoomView), required=True)


def show_invite(
    invite: Invite, inviter: User, rooms: Iterable[Room], code: str | None = None, url: str = ""
) -> dict[str, Any]:
    """Return an InviteView. `code` and `url`: only for the one who makes it."""
    return {
        "id": str(invite.id),
        "code": code,
        "url": url or None,
        "qr_svg": qr_codes.svg(url) if url else None,
        "invited_by": show_user(inviter),
        "rooms": [show_named_room(room) for room in rooms],
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "created_at": rfc3339(invite.created_at),
        "expires_at": rfc3339(invite.expires_at),
        "note": invite.note,
    }
