"""Define the fields for the names of an account: its username, and its display name."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from chat.schemas.text_fields import Name, StrictString
from chat.utils.lookalikes import looks_like_nobody
from chat.utils.text import is_stream_safe, normalize
from chat.utils.translation import _

# Characters as sent. A username has 32 letters, each of which may be decomposed into a letter and
# marks.
LONGEST_USERNAME = 128
LONGEST_DISPLAY_NAME = 64


class Username(StrictString):
    """A username as typed. A fullwidth letter counts as the ordinary letter."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_USERNAME, **options)

    @property
    def described(self) -> dict[str, Any]:
        """Return the pattern of ASCII usernames; `format` covers letters of other scripts."""
        pattern = r"^[^\u0000-,/:-@\[-^`{-\u00a0]{2,32}$"
        return {"minLength": 2, "maxLength": 32, "pattern": pattern, "format": "username"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        username = super()._deserialize(value, attr, data, **options).strip()
        if not is_stream_safe(username):
            raise ValidationError(_("Use fewer marks on one letter."))
        return normalize("NFKC", username)


class DisplayName(Name):
    """What others see of a person: not what they see of a deleted account."""

    def __init__(self, low: int, **options: Any):
        super().__init__(low, LONGEST_DISPLAY_NAME, **options)

    def _clean(self, text: str) -> str:
        name = super()._clean(text)
        if looks_like_nobody(name):
            raise ValueError(_("Deleted accounts are called this. Choose another name."))
        return name
