"""Define the input that deletes accounts."""

from __future__ import annotations

from chat.models.erasure import CHOICES
from chat.schemas.base import Input
from chat.schemas.fields import OneOf
from chat.schemas.text_fields import StrictString
from chat.schemas.users import LONGEST_CODE, LONGEST_PASSWORD


class EraseInput(Input):
    messages = OneOf(
        CHOICES,
        required=True,
        metadata={"description": "keep: under “Former member”; erase: delete them, for everyone"},
    )


class EraseOwnInput(EraseInput):
    """The same, with a proof that it is oneself."""

    password = StrictString(
        LONGEST_PASSWORD,
        load_default="",
        metadata={"description": "your own; not for who signs in by a provider alone"},
    )

    otp = StrictString(
        LONGEST_CODE,
        load_default="",
        metadata={"description": "a code, or a recovery code, where a second factor is on"},
    )
