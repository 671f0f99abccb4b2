"""Read CHAT_NAME: what the chat is called."""

from __future__ import annotations

from chat.utils.configuration.variables import ConfigurationError, Variables
from chat.utils.names import clean_name

LONGEST = 64  # characters


def read(variables: Variables) -> str:
    """Return the name, cleaned as names on pages are; empty if it is unset."""
    given = variables.text("CHAT_NAME")
    try:
        name = clean_name(given) if given else ""
    except ValueError as error:
        raise ConfigurationError(f"CHAT_NAME: {error}") from None
    if len(name) > LONGEST:
        raise ConfigurationError(f"CHAT_NAME: it must have at most {LONGEST} characters.")
    return name
