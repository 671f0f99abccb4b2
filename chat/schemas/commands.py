"""Define the input and the views of commands."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields, validate

from chat.models.command_answer import CommandAnswer
from chat.models.message import OpenMessage
from chat.models.slash_command import MOST, SlashCommand
from chat.models.user import User
from chat.schemas.base import Input, View
from chat.schemas.fields import Moment, Next, ObjectIdString, StrictBoolean
from chat.schemas.message_inputs import Body, ClientId
from chat.schemas.messages import MessageView, show_message
from chat.schemas.outgoing_webhooks import ReceiverUrl
from chat.schemas.text_fields import Name, StrictString
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339
from chat.utils.command_syntax import LONGEST_NAME, NAME
from chat.utils.days import LONGEST_ZONE
from chat.utils.sentences import N_

LONGEST_DESCRIPTION = 80
_NAME = validate.Regexp(
    re.compile(rf"{NAME}\Z"), error=N_("Use lower-case letters a to z, and hyphens between them.")
)
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


class CommandName(StrictString):
    """The word behind the slash."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_NAME, validate=_NAME, **options)

    @property
    def described(self) -> dict[str, Any]:
        lengths = {"minLength": 1, "maxLength": LONGEST_NAME}
        return lengths | {"pattern": f"^{NAME}$", "example": "deploy"}


class SlashCommandInput(Input):
    name = CommandName(required=True, metadata={"description": "without the slash"})
    description = Name(1, LONGEST_DESCRIPTION, required=True)
    url = ReceiverUrl(required=True)


class SlashCommandChangeInput(Input):
    name = CommandName()
    description = Name(1, LONGEST_DESCRIPTION)
    url = ReceiverUrl()
    new_secret = StrictBoolean(
        load_default=False, metadata={"description": "the old one ends; the answer has the new one"}
    )


class SlashCommandView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    url = fields.String(required=True)
    made_by = fields.Nested(UserView, required=True, allow_none=True)
    created_at = Moment(required=True)
    secret = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "signs its requests; null, except when it is made or new"},
    )


class SlashCommandsView(View):
    commands = fields.List(
        fields.Nested(SlashCommandView),
        required=True,
        metadata={"description": f"at most {MOST}"},
    )
    next = Next()


def show_command(
    command: SlashCommand, maker: User | None, *, with_secret: bool = False
) -> dict[str, Any]:
    """Return a SlashCommandView. `with_secret`: only for the one who makes it, or a new secret."""
    return {
        "id": str(command.id),
        "name": command.name,
        "description": command.description,
        "url": command.url,
        "made_by": show_user(maker) if maker else None,
        "created_at": rfc3339(command.created_at),
        "secret": command.secret if with_secret else None,
    }
