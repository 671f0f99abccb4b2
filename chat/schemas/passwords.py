"""Define the inputs with which a person chooses another password."""

from __future__ import annotations

from chat.schemas.base import Input
from chat.schemas.text_fields import StrictString
from chat.schemas.users import LONGEST_PASSWORD, Password


class PasswordInput(Input):
    current_password = StrictString(LONGEST_PASSWORD, required=True)
    new_password = Password(required=True)


class NewPasswordInput(Input):
    """A new password without the old one: by a reset link."""

    new_password = Password(required=True)
