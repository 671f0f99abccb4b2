"""Define the input and the view of what a person tells of themselves."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.earlier_name import SHOWN_FOR
from chat.models.user import User
from chat.schemas.account_names import DisplayName
from chat.schemas.base import Input, View
from chat.schemas.fields import FormBoolean, Inner, Moment, StrictBoolean
from chat.schemas.quiet_hours import ZoneName
from chat.schemas.statuses import StatusInput
from chat.schemas.text_fields import Name
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339

LONGEST_TITLE = 64
OF_TITLE = "what the person does here"
OF_TIME_ZONE = "by whose clock the person lives; null: they do not say"


class ProfileInput(Input):
    display_name = DisplayName(1)
    title = Name(0, LONGEST_TITLE, metadata={"description": OF_TITLE})
    time_zone = ZoneName(allow_none=True, metadata={"description": OF_TIME_ZONE})
    status = Inner(StatusInput, allow_none=True, metadata={"description": "null: you have none"})
    read_receipts = StrictBoolean(
        metadata={"description": "false: neither you nor others see how far the other has read"}
    )


class ReceiptsInput(Input):
    """A form's choice of read receipts."""

    read_receipts = FormBoolean(required=True)


class EarlierNameView(View):
    name = fields.String(required=True)
    until = Moment(required=True, metadata={"description": "when the person gave it up"})


class PersonView(UserView):
    title = fields.String(required=True, metadata={"description": OF_TITLE})
    time_zone = ZoneName(required=True, allow_none=True, metadata={"description": OF_TIME_ZONE})
    earlier_name = fields.Nested(
        EarlierNameView,
        required=True,
        allow_none=True,
        metadata={
            "description": "the display name before, for "
            f"{SHOWN_FOR.days} days after the person changed it"
        },
    )


def show_person(user: User) -> dict[str, Any]:
    """Return a PersonView."""
    earlier = user.earlier_name
    return show_user(user) | {
        "title": user.about.title,
        "time_zone": user.about.time_zone,
        "earlier_name": earlier and {"name": earlier.name, "until": rfc3339(earlier.until)},
    }
