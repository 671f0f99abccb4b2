"""The settings of the whole chat as they count now: environment variables have precedence."""

from __future__ import annotations

import time
from dataclasses import replace

from chat import extensions
from chat.models.chat_settings import ChatSettings
from chat.models.database import DatabaseError, database
from chat.utils.errors import Unavailable

# setting -> the field of the configuration, and so the variable, that fixes it unless it is empty
FIXED_BY = {"name": "chat_name", "retention_days": "retention_days"}

ASK_AGAIN_SECONDS = 1.0  # after the database did not answer


class _Memory:
    """What the database said last, and the monotonic time from which it is asked again."""

    settings = ChatSettings()
    ask_at = 0.0


_memory = _Memory()


def find() -> ChatSettings:
    """Return the settings, which may be cached.

    Without a database, these are the last known ones, so that the page that says so can be shown.
    Such a page asks several times, after the deadline of its request: one wait is enough.
    """
    if time.monotonic() >= _memory.ask_at:
        try:
            with database.deadline():
                _memory.settings = ChatSettings.find()
        except (DatabaseError, Unavailable):
            _memory.ask_at = time.monotonic() + ASK_AGAIN_SECONDS
    return with_fixed(_memory.settings)


def with_fixed(settings: ChatSettings) -> ChatSettings:
    """Return the settings with those that the operator fixed."""
    configured = extensions.settings()
    return replace(settings, **{name: getattr(configured, FIXED_BY[name]) for name in fixed()})


def fixed() -> dict[str, str]:
    """Return the settings that the operator fixed, with the variable of each."""
    configured = extensions.settings()
    return {name: field.upper() for name, field in FIXED_BY.items() if getattr(configured, field)}
