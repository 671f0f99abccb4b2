"""Define the kinds of values in requests and responses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate, validates_schema

from chat.utils.emojis import emoji_from
from chat.utils.names import clean_name, without_invisible
from chat.utils.text import can_be_stored, clean_text, is_unseen

NOT_AN_ID = "An id is 24 hexadecimal digits."
ID_LENGTH = 24
LONGEST_EMOJI = 100  # characters: the longest `:name:` has 78
LONGEST_NUMBER = 20  # digits
MOST_FIELDS = 50  # of one object: each undeclared one would be reported, and there may be thousands


# In the syntax of ECMA-262, which OpenAPI uses.
ID_PATTERN = f"^[0-9a-f]{{{ID_LENGTH}}}$"


class Input(Schema):
    """Accepted input. An undeclared field is an error, and reported.

    Fields check the length of each value before anything else: tests/schemas/test_bounds.py.
    """

    error_messages = {
        "unknown": "There is no such field.",
        "type": "An object is needed.",
    }

    def load(self, data: Any, **options: Any) -> Any:
        """Return `data` as the fields make it. Raises ValidationError."""
        if isinstance(data, Mapping) and len(data) > MOST_FIELDS:
            raise ValidationError({"_schema": [f"At most {MOST_FIELDS} fields are accepted."]})
        return super().load(data, **options)

    def take(self, data: dict[Any, Any]) -> dict[str, Any]:
        """Return and raise what `load` does, for an object that came alone, as with an event."""
        loaded: dict[str, Any] = self.load(data)
        return loaded


class PlainInput(Input):
    """Input without renamed fields, and with no processing besides `check`."""

    def check(self, taken: dict[str, Any]) -> None:
        """Check all fields together. Raises ValidationError."""

    def take(self, data: dict[Any, Any]) -> dict[str, Any]:
        """Return the same in half the time for valid input; for invalid input call `load`."""
        taken: dict[str, Any] = {}
        try:
            for name, field in self.load_fields.items():
                if name in data:
                    taken[name] = _taken(field, name, data)
                elif field.required:
                    return super().take(data)
                elif field.load_default is not missing:
                    taken[name] = (
                        field.load_default() if callable(field.load_default) else field.load_default
                    )
            self.check(taken)
        except ValidationError:
            return super().take(data)
        return taken if data.keys() <= self.load_fields.keys() else super().take(data)

    @validates_schema
    def _check(self, data: dict[str, Any], **_: object) -> None:
        self.check(data)


def _taken(field: fields.Field[Any], name: str, data: dict[Any, Any]) -> Any:
    """Return and raise what `field.deserialize` does, faster for ordinary values."""
    if data[name] is None:
        return field.deserialize(None, name, data)
    value = field._deserialize(data[name], name, data)
    for validator in field.validators:
        validator(value)
    return value


class QueryInput(Input):
    """A query behind the `?` of a URL, or of an event likewise.

    An empty value counts as none: forms and shells send a field that was left empty.
    """

    def load(self, data: Any, **options: Any) -> Any:
        """Return `data` as the fields make it. Raises ValidationError."""
        if isinstance(data, Mapping):
            data = {name: value for name, value in data.items() if value != ""}
        return super().load(data, **options)


class View(Schema):
    """A response's shape: describes to readers and tests what the `show_…` function makes.

    The functions make plain dicts themselves: `Schema.dump` of a page of fifty messages would cost
    more than reading and opening them.
    """


class Moment(fields.String):
    """A time of a view, written as RFC 3339 in UTC."""

    @property
    def described(self) -> dict[str, Any]:
        return {"format": "date-time"}


class StrictString(fields.String):
    """A text exactly as sent, of at most `most` characters.

    Unlike marshmallow's String, it refuses bytes (a binary attachment of a socket event).
    """

    default_error_messages = {
        "invalid": "A text is needed.",
        "required": "This is needed.",
        "null": "This is needed.",
    }

    def __init__(self, most: int, **options: Any):
        super().__init__(**options)
        self._most = most

    @property
    def most(self) -> int:
        """Return how many characters may be sent; the cleaned text may have to be shorter."""
        return self._most

    @property
    def described(self) -> dict[str, Any]:
        """Return OpenAPI's description of all that is checked beside the type."""
        return {"maxLength": self.most, "pattern": r"^[^\u0000]*$"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if len(value) > self.most:
            raise ValidationError(self._too_long(len(value)))
        if not self._is_sound(value):
            raise ValidationError("A character here cannot be stored.")
        return value

    def _too_long(self, characters: int) -> str:
        return f"At most {self.most} characters are accepted."

    def _is_sound(self, value: str) -> bool:
        return can_be_stored(value)


class Cursor(StrictString):
    """`next` of the page before; in lists by name: a name, NUL (which sorts first) and an id."""

    @property
    def described(self) -> dict[str, Any]:
        return {"maxLength": self.most, "format": "cursor"}

    def _is_sound(self, value: str) -> bool:
        name, nul, last_id = value.rpartition("\0")
        return can_be_stored(name + last_id) and (not nul or len(last_id) == ID_LENGTH)


class CleanText(StrictString):
    """A text by people, cleaned of control characters; with `lines`, of several lines."""

    def __init__(self, low: int, high: int, *, lines: bool = False, **options: Any):
        super().__init__(high, **options)
        self._low, self._high, self._lines = low, high, lines

    @property
    def longest(self) -> int:
        return self._high

    @property
    def most(self) -> int:
        return 4 * self.longest + 100  # the text may be decomposed, and have space at its ends

    @property
    def described(self) -> dict[str, Any]:
        least = {"minLength": self._low} if self._low else {}
        return {"maxLength": self.longest} | least

    def _too_long(self, characters: int) -> str:
        more = characters - self.longest
        return f"At most {self.longest} characters are accepted; this has {more} too many."

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
            raise ValidationError(
                "Write something first."
                if self._low == 1
                else f"At least {self._low} characters are needed."
            )
        if len(text) > self.longest:
            raise ValidationError(self._too_long(len(text)))
        return text

    def _clean(self, text: str) -> str:
        """Return the text as it is stored. Raises ValueError, with a sentence."""
        return clean_text(text, lines=self._lines)


class Name(CleanText):
    """The name of a person or thing, which must be visible."""

    @property
    def described(self) -> dict[str, Any]:
        """Return what holds for all names; the format stands for the check of visibility."""
        seen = {"pattern": r"^[\s\S]*\S[\s\S]*$"} if self._low else {}
        return super().described | seen | {"format": "name"}

    def _clean(self, text: str) -> str:
        return clean_name(text)


class Line(CleanText):
    """A line that others read beside a name, hence without invisible characters."""

    def _clean(self, text: str) -> str:
        return without_invisible(clean_text(text))


class ObjectIdString(StrictString):
    """An id: 24 hexadecimal digits."""

    default_error_messages = {
        "invalid": NOT_AN_ID,
        "required": "This is needed.",
        "null": NOT_AN_ID,
    }

    def __init__(self, **options: Any):
        is_id = validate.Regexp(re.compile(r"[0-9a-f]{24}\Z"), error=NOT_AN_ID)
        super().__init__(ID_LENGTH, validate=is_id, **options)

    @property
    def described(self) -> dict[str, Any]:
        return {"minLength": ID_LENGTH, "maxLength": ID_LENGTH, "pattern": ID_PATTERN}

    def _too_long(self, characters: int) -> str:
        return NOT_AN_ID


class OneOf(StrictString):
    """One of a few words."""

    def __init__(self, words: tuple[str, ...], **options: Any):
        choice = validate.OneOf(words, error="One of these is needed: {choices}.")
        self._words = words
        super().__init__(max(map(len, words)), validate=choice, **options)

    @property
    def described(self) -> dict[str, Any]:
        return {}  # its words describe it completely

    def _too_long(self, characters: int) -> str:
        return f"One of these is needed: {', '.join(self._words)}."


class Emoji(StrictString):
    """One emoji, as a character or as `:name:`."""

    def __init__(self, **options: Any):
        super().__init__(LONGEST_EMOJI, **options)

    @property
    def described(self) -> dict[str, Any]:
        return {"minLength": 1, "maxLength": LONGEST_EMOJI, "format": "emoji"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        found = emoji_from(super()._deserialize(value, attr, data, **options))
        if found is None:
            raise ValidationError("One emoji is needed.")
        return found


class ListOf(fields.List[Any]):
    """A list of `low` to `most` values, which is counted before any of them is checked."""

    default_error_messages = {"required": "This is needed."}

    def __init__(
        self, inner: fields.Field[Any], low: int, most: int, *, error: str, **options: Any
    ):
        super().__init__(inner, validate=validate.Length(low, most, error=error), **options)
        self.most, self._error = most, error

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(self._error)
        return super()._deserialize(value, attr, data, **options)


class StrictBoolean(fields.Boolean):
    """true or false, and nothing that only looks like it."""

    default_error_messages = {
        "invalid": "true or false is needed.",
        "required": "This is needed.",
        "null": "true or false is needed.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class StrictInteger(fields.Integer):
    """A whole number in a range; from JSON a number, from a query its digits."""

    default_error_messages = {
        "invalid": "A whole number is needed.",
        "required": "This is needed.",
        "null": "A whole number is needed.",
    }

    def __init__(self, low: int, high: int, *, strict: bool = True, **options: Any):
        error = f"A whole number from {low} to {high} is needed."
        super().__init__(strict=strict, validate=validate.Range(low, high, error=error), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if isinstance(value, bool) or (isinstance(value, str) and len(value) > LONGEST_NUMBER):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **options)
