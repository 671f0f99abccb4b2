"""Define the fields for texts: exactly as sent, or cleaned of invisible characters."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from chat.schemas.base import FIELD_ERRORS
from chat.utils.names import clean_name, without_invisible
from chat.utils.sentences import N_
from chat.utils.text import can_be_stored, clean_text, is_unseen
from chat.utils.translation import _


class StrictString(fields.String):
    """A text exactly as sent, of at most `most` characters.

    Unlike marshmallow's String, it refuses bytes (a binary attachment of a socket event).
    """

    default_error_messages = FIELD_ERRORS | {"invalid": N_("This must be a text.")}

    def __init__(self, most: int, **options: Any):
        super().__init__(**options)
        self._most = most

    @property
    def most(self) -> int:
        """Return the greatest length of a text as sent; once cleaned, it may have to be shorter."""
        return self._most

    @property
    def described(self) -> dict[str, Any]:
        """Return the OpenAPI description of all checks besides the type."""
        return {"maxLength": self.most, "pattern": r"^[^\u0000]*$"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if len(value) > self.most:
            raise ValidationError(self._wrong_length(len(value)))
        if not self._is_sound(value):
            raise ValidationError(_("This has a character that cannot be stored."))
        return value

    def _wrong_length(self, characters: int) -> str:
        return _("Use at most {most} characters.", most=self.most)

    def _is_sound(self, value: str) -> bool:
        return can_be_stored(value)


class CleanText(StrictString):
    """A text by people, without control characters; with `lines`, it may have several lines."""

    def __init__(self, low: int, high: int, *, lines: bool = False, **options: Any):
        super().__init__(high, **options)
        self._low = low
        self._high = high
        self._lines = lines

    @property
    def longest(self) -> int:
        return self._high

    @property
    def most(self) -> int:
        # more than the stored text: letters may be decomposed, and spaces at the ends are removed
        return 4 * self.longest + 100

    @property
    def described(self) -> dict[str, Any]:
        described: dict[str, Any] = {"maxLength": self.longest}
        if self._low:
            described["minLength"] = self._low
        return described

    def _wrong_length(self, characters: int) -> str:
        more = characters - self.longest
        return _(
            "Use at most {most} characters: this has {more} too many.", most=self.longest, more=more
        )

    def _is_sound(self, value: str) -> bool:
        return can_be_stored(value.replace("\0", ""))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            text = self._clean(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if is_unseen(text):
            text = ""
        if len(text) < self._low:
            raise ValidationError(self._too_short())
        if len(text) > self.longest:
            raise ValidationError(self._wrong_length(len(text)))
        return text

    def _too_short(self) -> str:
        if self._low == 1:
            return _("Write something first.")
        return _("Use at least {least} characters.", least=self._low)

    def _clean(self, text: str) -> str:
        """Return the text to store. Raises ValueError, with a sentence for people."""
        return clean_text(text, lines=self._lines)


class Name(CleanText):
    """The name of a person or thing, which must be visible."""

    @property
    def described(self) -> dict[str, Any]:
        """Return the pattern that fits all names; `format` covers the check of visibility."""
        described = super().described | {"format": "name"}
        if self._low:
            described["pattern"] = r"^[\s\S]*\S[\s\S]*$"
        return described

    def _clean(self, text: str) -> str:
        return clean_name(text)


class Line(CleanText):
    """A line that people read beside a name, and therefore without invisible characters."""

    def _clean(self, text: str) -> str:
        return without_invisible(clean_text(text))
