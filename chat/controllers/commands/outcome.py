"""What a command is called with, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from chat.models.command_answer import CommandAnswer
from chat.models.message import Message
from chat.models.user import User
from chat.utils import translation
from chat.utils.clock import now
from chat.utils.days import zone_of
from chat.utils.errors import ValidationFailed
from chat.utils.local_times import Reader, locale_of, usual_locale


@dataclass(frozen=True)
class Call:
    """A command as somebody gave it.

    `zone`, `locale`: their time zone, and how they write times, if their device told it.
    """

    person: User
    room_id: str
    name: str
    rest: str
    client_id: str
    zone: str = ""
    locale: str = ""

    def reader(self) -> Reader | None:
        """Return who reads times in the answer; None for a zone that there is not.

        The clock is that of the device, otherwise of the profile, otherwise UTC.
        """
        zone = zone_of(self.zone or self.person.about.time_zone or "")
        if zone is None:
            return None
        locale = locale_of(self.locale or usual_locale(translation.current()))
        hours = self.person.preferences.time_format
        return Reader(zone, locale, now().astimezone(zone).date(), hours)

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
