"""The kinds of values that come in and go out."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate, validates_schema

from chat.utils.emojis import emoji_from
from chat.utils.text import clean_text

NOT_AN_ID = "An id is 24 hexadecimal digits."


class Input(Schema):
    """What is accepted. A field that is not declared is a mistake, and told."""

    error_messages = {
        "unknown": "There is no such field.",
        "type": "An object is needed.",
    }

    def take(self, data: dict[Any, Any]) -> dict[str, Any]:
        """What `load` gives and raises, of an object that came alone, as with an event."""
        loaded: dict[str, Any] = self.load(data)
        return loaded


class PlainInput(Input):
    """Input whose fields are called as they are sent, and for which nothing but `check` is to be done beside them."""

    def check(self, taken: dict[str, Any]) -> None:
        """What must hold of all fields together. Raises ValidationError."""

    def take(self, data: dict[Any, Any]) -> dict[str, Any]:
        """The same in half the time, as long as nothing is wrong; if anything is, `load` says what."""
        taken: dict[str, Any] = {}
        try:
            for name, field in self.load_fields.items():
                if name in data:
                    taken[name] = _taken(field, name, data)
                elif field.required:
                    return super().take(data)
                elif field.load_default is not missing:
                    taken[name] = field.load_default() if callable(field.load_default) else field.load_default
            self.check(taken)
        except ValidationError:
            return super().take(data)
        return taken if data.keys() <= self.load_fields.keys() else super().take(data)

    @validates_schema
    def _check(self, data: dict[str, Any], **_: object) -> None:
        self.check(data)


def _taken(field: fields.Field[Any], name: str, data: dict[Any, Any]) -> Any:
    """What `field.deserialize` gives and raises, for the ordinary case without what it looks at for the others."""
    if data[name] is None:
        return field.deserialize(None, name, data)
    value = field._deserialize(data[name], name, data)
    for validator in field.validators:
        validator(value)
    return value


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
