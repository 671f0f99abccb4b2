"""Presence and typing: what is accepted."""

from __future__ import annotations

from marshmallow import fields, validate

from chat.schemas.fields import Choice, IdText, Input, PlainInput, Switch

MOST_ASKED = 200  # people in one question


class TypingInput(PlainInput):
    room_id = IdText(required=True)
    typing = Switch(required=True)


class PresenceInput(Input):
    status = Choice(("online", "away"), required=True)


class PresencesInput(Input):
    user_ids = fields.List(
        IdText(), required=True, validate=validate.Length(max=MOST_ASKED, error=f"At most {MOST_ASKED} people can be asked about."),
        error_messages={"required": "This is needed.", "invalid": "A list of ids is needed."},
    )
