"""Define the input and the view of a person's status."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from chat.models.status import USUAL_EMOJI, Status
from chat.schemas.base import Input, View
from chat.schemas.fields import Emoji, Moment
from chat.schemas.mutes import EndMoment
from chat.schemas.text_fields import Name
from chat.utils.clock import rfc3339
from chat.utils.translation import _

LONGEST_STATUS = 80
UNTIL = "when it ends; null: when you change it"


class StatusInput(Input):
    emoji = Emoji(load_default=USUAL_EMOJI)
    text = Name(0, LONGEST_STATUS, load_default="")
    until = EndMoment(metadata={"description": UNTIL})

    @post_load
    def _status(self, data: dict[str, Any], **_options: object) -> Status:
        return Status(**data)

    @validates_schema
    def _whole(self, data: dict[str, Any], **_options: object) -> None:
        if not data["text"] and data["emoji"] == USUAL_EMOJI:
            raise ValidationError(_("Write something first."), "text")


class StatusView(View):
    emoji = fields.String(required=True)
    text = fields.String(required=True)
    until = Moment(required=True, allow_none=True, metadata={"description": UNTIL})


def show_status(status: Status | None) -> dict[str, Any] | None:
    """Return a StatusView; None for nobody's."""
    if status is None:
        return None
    return {
        "emoji": status.emoji,
        "text": status.text,
        "until": status.until and rfc3339(status.until),
    }
