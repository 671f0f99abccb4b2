"""What a command is called with, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from chat.models.command_answer import CommandAnswer
from chat.models.message import Message
from chat.models.user import User
from chat.utils.errors import ValidationFailed


@dataclass(frozen=True)
class Call:
    """A command as somebody gave it. `zone`: their time zone, if their device told it."""

    person: User
    room_id: str
    name: str
    rest: str
    client_id: str
    zone: str = ""

    def answered(self, body: str, app: str = "") -> Outcome:
        """Return an outcome that only the author sees."""
        return Outcome(answer=CommandAnswer(self.room_id, body, app))


@dataclass(frozen=True)
class Outcome:
    """`message`: what was posted. `answer`: what only the author sees."""

    message: Message | None = None
    answer: CommandAnswer | None = None


NOTHING = Outcome()  # what the command did shows by itself


def refused(sentence: str) -> ValidationFailed:
    """Return the error of a command; its text stays where it was written."""
    return ValidationFailed(sentence, fields={"text": sentence})


def taken(schema: type[Schema], **fields: str) -> Any:
    """Return fields as a schema takes them. Raises ValidationFailed."""
    try:
        return schema().load(fields)
    except ValidationError as error:
        problems = error.messages_dict.values()
        raise refused(str(next(iter(problems))[0])) from None
