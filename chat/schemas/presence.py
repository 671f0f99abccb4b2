"""Define the input of presence and typing."""

from __future__ import annotations

from chat.schemas.base import Input, PlainInput
from chat.schemas.fields import ListOf, ObjectIdString, OneOf, StrictBoolean
from chat.utils.sentences import Later

MOST_ASKED = 200  # people in one request


class TypingInput(PlainInput):
    room_id = ObjectIdString(required=True)
    typing = StrictBoolean(required=True)


class PresenceInput(Input):
    status = OneOf(("online", "away"), required=True)


class PresencesInput(Input):
    user_ids = ListOf(
        ObjectIdString(),
        0,
        MOST_ASKED,
        required=True,
        error=Later("Ask about at most {most} people.", most=MOST_ASKED),
    )
