"""Hash new passwords, and refuse those that are easily guessed."""

from __future__ import annotations

from chat import extensions
from chat.controllers import current_chat
from chat.utils.errors import ValidationFailed
from chat.utils.passwords import hash_password, is_easily_guessed
from chat.utils.translation import _


def hash_new(field: str, password: str, *known: str) -> str:
    """Return the hash of a new password. `known`: names, which are easily guessed.

    Raises ValidationFailed for the field if the password is easily guessed.
    """
    if is_easily_guessed(password, [*known, current_chat.find().name]):
        raise ValidationFailed(
            fields={field: _("This password is easy to guess. Use several words, for example.")}
        )
    return extensions.off_the_loop(hash_password, password)
