"""The kinds of values that come in and go out."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from chat.utils.emojis import emoji_from
from chat.utils.text import clean_text

NOT_AN_ID = "An id is 24 hexadecimal digits."


class Input(Schema):
    """What is accepted. A field that is not declared is a mistake, and told."""

    error_messages = {
        "unknown": "There is no such field.",
        "type": "An object is needed.",
    }


class View(Schema):
    """What is shown: describes, for the API's readers and for the tests, what the `show_…` function beside it makes.

    The functions make plain dicts themselves: a page of fifty messages through `Schema.dump` would cost more than
    reading and opening them.
    """


class Words(fields.String):
    """A text as it came. Unlike marshmallow's String, bytes (a binary attachment of a socket event) are no text."""

    default_error_messages = {"invalid": "A text is needed.", "required": "This is needed.", "null": "This is needed."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return value


class Text(Words):
    """A text of people: cleaned, without control characters; with `lines`, of several lines."""

    def __init__(self, low: int, high: int, *, lines: bool = False, **options: Any):
        super().__init__(**options)
        self._low, self._high, self._lines = low, high, lines

    @property
    def longest(self) -> int:
        return self._high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if len(text) > 4 * self.longest + 100:
            raise ValidationError(f"At most {self.longest} characters are accepted.")
        try:
            text = clean_text(text, lines=self._lines)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if len(text) < self._low:
            raise ValidationError("Write something first." if self._low == 1 else f"At least {self._low} characters are needed.")
        if len(text) > self.longest:
            raise ValidationError(f"At most {self.longest} characters are accepted.")
        return text


class IdText(Words):
    """An id: 24 hexadecimal digits."""

    default_error_messages = {"invalid": NOT_AN_ID, "required": "This is needed.", "null": NOT_AN_ID}

    def __init__(self, **options: Any):
        super().__init__(validate=validate.Regexp(re.compile(r"[0-9a-f]{24}\Z"), error=NOT_AN_ID), **options)


class Choice(Words):
    """One of a few words."""

    def __init__(self, words: tuple[str, ...], **options: Any):
        super().__init__(validate=validate.OneOf(words, error="One of these is needed: {choices}."), **options)


class Emoji(Words):
    """One emoji, as a character or as `:name:`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        found = emoji_from(super()._deserialize(value, attr, data, **options))
        if found is None:
            raise ValidationError("One emoji is needed.")
        return found


class Switch(fields.Boolean):
    """true or false, and nothing that only looks like it."""

    default_error_messages = {"invalid": "true or false is needed.", "required": "This is needed.", "null": "true or false is needed."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Whole(fields.Integer):
    """A whole number in a range; from JSON a number, from a query its digits."""

    default_error_messages = {
        "invalid": "A whole number is needed.", "required": "This is needed.", "null": "A whole number is needed.",
    }

    def __init__(self, low: int, high: int, *, strict: bool = True, **options: Any):
        error = f"A whole number from {low} to {high} is needed."
        super().__init__(strict=strict, validate=validate.Range(low, high, error=error), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if isinstance(value, bool):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **options)
