"""Define the input and the view of preferences."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields

from chat.models.keywords import unseal
from chat.models.preferences import (
    DENSITIES,
    EMAIL,
    FONT_SIZES,
    LANGUAGES,
    NOTIFY,
    THEMES,
    TIME_FORMATS,
)
from chat.models.user import User
from chat.schemas.base import Input, View
from chat.schemas.fields import FormBoolean, Inner, Moment, OneOf, StrictBoolean
from chat.schemas.keywords import Keywords
from chat.schemas.quiet_hours import ComingMoment, QuietHoursInput, QuietHoursView
from chat.utils.clock import rfc3339

SPOKEN = "of pages and of the sentences of errors; browser: as Accept-Language says"
CLOCK = "hours of the clock; locale: as is usual in your language"
MOST = "the most that notifies you, whatever the levels of rooms say"
WORDS = "a message that has one of them notifies you, unless you muted its room"
QUIET = "nothing notifies you meanwhile; null: there are none"
UNTIL = "nothing notifies you before this moment; null, or a moment that has passed: it does"
CONTENT = "whether push messages say who wrote what; if not, only that there is a message"
MISSED = "whether mails tell you what you missed, once you have an address"
MAIL_CONTENT = "whether such mails say who wrote what; if not, only in which rooms, and how much"
SOUNDS = "whether an open page makes a sound when something notifies you"
SENDS = "whether Enter sends a message; if not, Ctrl+Enter does"


class _Choices(Input):
    theme = OneOf(THEMES)
    density = OneOf(DENSITIES)
    font_size = OneOf(FONT_SIZES)
    language = OneOf(LANGUAGES, metadata={"description": SPOKEN})
    time_format = OneOf(TIME_FORMATS, metadata={"description": CLOCK})
    notify = OneOf(NOTIFY, metadata={"description": MOST})
    email = OneOf(EMAIL, metadata={"description": MISSED})


class PreferencesInput(_Choices):
    enter_sends = StrictBoolean(metadata={"description": SENDS})
    sounds = StrictBoolean(metadata={"description": SOUNDS})
    push_content = StrictBoolean(metadata={"description": CONTENT})
    email_content = StrictBoolean(metadata={"description": MAIL_CONTENT})
    keywords = Keywords(metadata={"description": WORDS})
    quiet_hours = Inner(QuietHoursInput, allow_none=True, metadata={"description": QUIET})
    dnd_until = ComingMoment(allow_none=True, metadata={"description": UNTIL})


class PreferencesForm(_Choices):
    """The same as a form sends it."""

    enter_sends = FormBoolean()
    sounds = FormBoolean()
    push_content = FormBoolean()
    email_content = FormBoolean()


class DoNotDisturbForm(Input):
    until = OneOf(("30", "120", "tomorrow", "end"), required=True)


class PreferencesView(View):
    theme = OneOf(THEMES, required=True)
    density = OneOf(DENSITIES, required=True)
    font_size = OneOf(FONT_SIZES, required=True)
    language = OneOf(LANGUAGES, required=True, metadata={"description": SPOKEN})
    time_format = OneOf(TIME_FORMATS, required=True, metadata={"description": CLOCK})
    enter_sends = fields.Boolean(required=True, metadata={"description": SENDS})
    notify = OneOf(NOTIFY, required=True, metadata={"description": MOST})
    sounds = fields.Boolean(required=True, metadata={"description": SOUNDS})
    push_content = fields.Boolean(required=True, metadata={"description": CONTENT})
    email = OneOf(EMAIL, required=True, metadata={"description": MISSED})
    email_content = fields.Boolean(required=True, metadata={"description": MAIL_CONTENT})
    keywords = fields.List(fields.String(), required=True, metadata={"description": WORDS})
    quiet_hours = fields.Nested(
        QuietHoursView, required=True, allow_none=True, metadata={"description": QUIET}
    )
    dnd_until = Moment(required=True, allow_none=True, metadata={"description": UNTIL})


def show_preferences(person: User) -> dict[str, Any]:
    """Return a PreferencesView."""
    preferences = person.preferences
    shown = asdict(preferences)
    del shown["dnd_since"]
    return shown | {
        "keywords": list(unseal(person.id, person.sealed_keywords)),
        "quiet_hours": preferences.quiet_hours and preferences.quiet_hours.record,
        "dnd_until": preferences.dnd_until and rfc3339(preferences.dnd_until),
    }
