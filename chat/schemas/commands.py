"""Define the input and the views of commands."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.command_answer import CommandAnswer
from chat.models.message import OpenMessage
from chat.schemas.base import Input, View
from chat.schemas.fields import Moment, Next, ObjectIdString
from chat.schemas.message_inputs import Body, ClientId
from chat.schemas.messages import MessageView, show_message
from chat.schemas.text_fields import StrictString
from chat.utils.clock import rfc3339
from chat.utils.days import LONGEST_ZONE

MOST_OFFERED = 100  # in a room: those of the chat, and of programs


class CommandInput(Input):
    text = Body(
        required=True,
        metadata={"description": "`/name text`; what is no command is posted as it is"},
    )
    client_id = ClientId(required=True, metadata={"description": "as of a message"})
    time_zone = StrictString(
        LONGEST_ZONE,
        load_default="",
        metadata={"description": "by whose clock `/remind` is meant, like `Europe/Berlin`"},
    )


class CommandRunInput(CommandInput):
    room_id = ObjectIdString(required=True)


class CommandAnswerView(View):
    id = fields.String(required=True)
    room_id = fields.String(required=True)
    app = fields.String(
        required=True, allow_none=True, metadata={"description": "who answers; null: the chat"}
    )
    body = fields.String(required=True)
    body_html = fields.String(required=True, metadata={"description": "safe to insert into a page"})
    created_at = Moment(required=True)


class OutcomeView(View):
    message = fields.Nested(
        MessageView,
        required=True,
        allow_none=True,
        metadata={"description": "what was posted in the room"},
    )
    answer = fields.Nested(
        CommandAnswerView,
        required=True,
        allow_none=True,
        metadata={"description": "what only you see; your other devices get `command:answer`"},
    )


class OfferedCommandView(View):
    name = fields.String(required=True)
    takes = fields.String(
        required=True, metadata={"description": "what is typed behind it, for people to read"}
    )
    description = fields.String(required=True)


class OfferedCommandsView(View):
    commands = fields.List(
        fields.Nested(OfferedCommandView),
        required=True,
        metadata={"description": f"at most {MOST_OFFERED}"},
    )
    next = Next()


def show_outcome(message: OpenMessage | None, answer: CommandAnswer | None) -> dict[str, Any]:
    """Return an OutcomeView."""
    return {
        "message": show_message(message) if message else None,
        "answer": show_answer(answer) if answer else None,
    }


def show_answer(answer: CommandAnswer) -> dict[str, Any]:
    """Return a CommandAnswerView."""
    return {
        "id": str(answer.id),
        "room_id": answer.room_id,
        "app": answer.app or None,
        "body": answer.body,
        "body_html": answer.html,
        "created_at": rfc3339(answer.created_at),
    }
