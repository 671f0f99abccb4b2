"""Define the input and the view of preferences."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields

from chat.models.preferences import (
    DENSITIES,
    FONT_SIZES,
    LANGUAGES,
    NOTIFY,
    THEMES,
    TIME_FORMATS,
    Preferences,
)
from chat.schemas.base import Input, View
from chat.schemas.fields import FormBoolean, OneOf, StrictBoolean

SPOKEN = "of pages and of the sentences of errors; browser: as Accept-Language says"
CLOCK = "hours of the clock; locale: as is usual in your language"
MOST = "the most that notifies you; the level of a room may permit less"
SENDS = "whether Enter sends a message; if not, Ctrl+Enter does"


class _Choices(Input):
    theme = OneOf(THEMES)
    density = OneOf(DENSITIES)
    font_size = OneOf(FONT_SIZES)
    language = OneOf(LANGUAGES, metadata={"description": SPOKEN})
    time_format = OneOf(TIME_FORMATS, metadata={"description": CLOCK})
    notify = OneOf(NOTIFY, metadata={"description": MOST})


class PreferencesInput(_Choices):
    enter_sends = StrictBoolean(metadata={"description": SENDS})


class PreferencesForm(_Choices):
    """The same as a form sends it."""

    enter_sends = FormBoolean()


class PreferencesView(View):
    theme = OneOf(THEMES, required=True)
    density = OneOf(DENSITIES, required=True)
    font_size = OneOf(FONT_SIZES, required=True)
    language = OneOf(LANGUAGES, required=True, metadata={"description": SPOKEN})
    time_format = OneOf(TIME_FORMATS, required=True, metadata={"description": CLOCK})
    enter_sends = fields.Boolean(required=True, metadata={"description": SENDS})
    notify = OneOf(NOTIFY, required=True, metadata={"description": MOST})


def show_preferences(preferences: Preferences) -> dict[str, Any]:
    """Return a PreferencesView."""
    return asdict(preferences)
