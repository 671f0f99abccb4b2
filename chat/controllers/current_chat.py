"""The settings of the whole chat as they count now: environment variables have precedence."""

from __future__ import annotations

from dataclasses import replace

from chat import extensions
from chat.models.chat_settings import ChatSettings
from chat.models.database import DatabaseError
from chat.utils.errors import Unavailable

# setting -> the field of the configuration, and so the variable, that fixes it unless it is empty
FIXED_BY = {"name": "chat_name"}


def find() -> ChatSettings:
    """Return the settings, which may be cached.

    Without a database, these are the usual ones, so that the page that says so can be shown.
    """
    try:
        settings = ChatSettings.find()
    except (DatabaseError, Unavailable):
        settings = ChatSettings()
    return with_fixed(settings)


def with_fixed(settings: ChatSettings) -> ChatSettings:
    """Return the settings with those that the operator fixed."""
    configured = extensions.settings()
    return replace(settings, **{name: getattr(configured, FIXED_BY[name]) for name in fixed()})


def fixed() -> dict[str, str]:
    """Return the settings that the operator fixed, with the variable of each."""
    configured = extensions.settings()
    return {name: field.upper() for name, field in FIXED_BY.items() if getattr(configured, field)}
