"""Define the fields of requests and responses, except those for texts by people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from marshmallow import ValidationError, fields, validate

from chat.schemas.base import FIELD_ERRORS
from chat.schemas.text_fields import StrictString
from chat.utils.emojis import emoji_from
from chat.utils.sentences import N_, Later
from chat.utils.text import can_be_stored
from chat.utils.translation import _

NOT_AN_ID = N_("This must be an id: 24 hexadecimal digits.")
ID_LENGTH = 24
TRUE_OR_FALSE = N_("This must be true or false.")
LONGEST_EMOJI = 100  # characters: the longest `:name:` of an emoji has 78
LONGEST_NUMBER = 20  # digits
BIGGEST_SEQ = 2**53 - 1  # the largest number that JavaScript counts exactly

# Patterns are in the syntax of ECMA-262, which OpenAPI uses.
ID_PATTERN = f"^[0-9a-f]{{{ID_LENGTH}}}$"


class Moment(fields.String):
    """A time in a view, written as RFC 3339 in UTC."""

    @property
    def described(self) -> dict[str, Any]:
        return {"format": "date-time"}


class Next(fields.String):
    """The field `next` of a list: a text that clients send back as `sent_as`; null at the end."""

    def __init__(self, sent_as: str = ""):
        description = "always null: nothing follows"
        if sent_as:
            description = f"send it as `{sent_as}` for what follows; null at the end"
        super().__init__(required=True, allow_none=True, metadata={"description": description})


class Cursor(StrictString):
    """The `next` of the previous page; in lists by name: a name, NUL (which sorts first), an id."""

    @property
    def described(self) -> dict[str, Any]:
        return {"maxLength": self.most, "format": "cursor"}

    def _is_sound(self, value: str) -> bool:
        name, nul, last_id = value.rpartition("\0")
        return can_be_stored(name + last_id) and (not nul or len(last_id) == ID_LENGTH)


class ObjectIdString(StrictString):
    """An id: 24 hexadecimal digits."""

    default_error_messages = {"invalid": NOT_AN_ID}

    def __init__(self, **options: Any):
        is_id = validate.Regexp(re.compile(r"[0-9a-f]{24}\Z"), error=NOT_AN_ID)
        super().__init__(ID_LENGTH, validate=is_id, **options)

    @property
    def described(self) -> dict[str, Any]:
        return {"minLength": ID_LENGTH, "maxLength": ID_LENGTH, "pattern": ID_PATTERN}

    def _wrong_length(self, characters: int) -> str:
        return NOT_AN_ID


class JoinedIds(StrictString):
    """Up to `most_ids` ids in one text, with commas between them."""

    keeps_empty = True

    def __init__(self, most_ids: int, **options: Any):
        super().__init__(most_ids * (ID_LENGTH + 1), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        return [part for part in text.split(",") if part]


def one_of(choices: Iterable[object]) -> Later:
    """Return the sentence that refuses everything else."""
    return Later("Use one of these: {choices}.", choices=", ".join(map(str, choices)))


class OneOf(StrictString):
    """One of a few words."""

    def __init__(self, words: tuple[str, ...], **options: Any):
        choice = validate.OneOf(words, error=one_of(words))
        self._words = words
        super().__init__(max(map(len, words)), validate=choice, **options)

    @property
    def described(self) -> dict[str, Any]:
        return {}  # the enumeration of the words describes the field completely

    def _wrong_length(self, characters: int) -> str:
        return one_of(self._words)


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
            raise ValidationError(_("Use one emoji."))
        return found


class ListOf(fields.List[Any]):
    """A list of `low` to `most` values. The field counts the values before it checks any."""

    default_error_messages = FIELD_ERRORS | {"invalid": N_("This must be a list.")}

    def __init__(
        self, inner: fields.Field[Any], low: int, most: int, *, error: str, **options: Any
    ):
        super().__init__(inner, validate=validate.Length(low, most, error=error), **options)
        self.most = most
        self._error = error

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(self._error)
        return super()._deserialize(value, attr, data, **options)


class Inner(fields.Nested):
    """An object with the fields of another input."""

    default_error_messages = FIELD_ERRORS | {"type": N_("This must be an object.")}


class StrictBoolean(fields.Boolean):
    """true or false, and no value that only resembles them."""

    default_error_messages = FIELD_ERRORS | {"invalid": TRUE_OR_FALSE}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class FormBoolean(fields.Boolean):
    """true or false as a form sends them: as text."""

    default_error_messages = FIELD_ERRORS | {"invalid": TRUE_OR_FALSE}


class StrictInteger(fields.Integer):
    """A whole number in a range: a number in JSON, its digits in a query."""

    default_error_messages = FIELD_ERRORS | {
        "invalid": N_("This must be a whole number."),
        "too_large": N_("This number is too large."),
    }

    def __init__(self, low: int, high: int, *, strict: bool = True, **options: Any):
        error = Later("Use a whole number from {low} to {high}.", low=low, high=high)
        super().__init__(strict=strict, validate=validate.Range(low, high, error=error), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if isinstance(value, bool) or (isinstance(value, str) and len(value) > LONGEST_NUMBER):
            raise self.make_error("invalid")
        if isinstance(value, float) and value.is_integer():
            # 3.0 is a whole number in JSON Schema, and some languages write it so
            value = int(value)
        return super()._deserialize(value, attr, data, **options)


class NumberCursor(StrictInteger):
    """The `next` of the previous page, in lists where it is a number.

    OpenAPI describes it as a text, like `next` in every list: clients send it back unchanged.
    """

    def __init__(self, low: int, high: int, **options: Any):
        super().__init__(low, high, strict=False, **options)
        self._first = "[1-9]" if low else "[0-9]"
        self._longest = len(str(high))

    @property
    def described(self) -> dict[str, Any]:
        pattern = f"^{self._first}[0-9]{{0,{self._longest - 1}}}$"
        lengths = {"type": "string", "maxLength": self._longest}
        return lengths | {"pattern": pattern, "format": "cursor"}
