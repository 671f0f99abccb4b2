"""Define the base classes of the shapes of requests (`Input`) and responses (`View`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validates_schema

from chat.utils.sentences import N_
from chat.utils.translation import _

# Errors that every field of every input may have, besides an invalid value.
FIELD_ERRORS: dict[str, Any] = {
    "required": N_("This field is required."),
    "null": N_("This field must not be null."),
}
# Fields of one object. Each undeclared field would be reported, and there may be thousands.
MOST_FIELDS = 50


class Input(Schema):
    """Accepted input. Loading reports an undeclared field as an error.

    Fields check the length of each value before anything else: tests/schemas/test_bounds.py.
    """

    error_messages = {
        "unknown": N_("There is no such field."),
        "type": N_("This must be an object."),
    }

    def load(self, data: Any, **options: Any) -> Any:
        """Return `data`, validated and converted by the fields. Raises ValidationError."""
        if isinstance(data, Mapping) and len(data) > MOST_FIELDS:
            raise ValidationError({"_schema": [_("Send at most {most} fields.", most=MOST_FIELDS)]})
        return super().load(data, **options)

    def take(self, data: dict[Any, Any]) -> dict[str, Any]:
        """Return and raise as `load` does, for a single object, such as an event's payload."""
        loaded: dict[str, Any] = self.load(data)
        return loaded


class PlainInput(Input):
    """Input without renamed fields; `check` is its only additional processing."""

    def check(self, taken: dict[str, Any]) -> None:
        """Check all fields together. Raises ValidationError."""

    def take(self, data: dict[Any, Any]) -> dict[str, Any]:
        """Return valid input as `load` does, in half the time; `load` reports invalid input."""
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
        if data.keys() <= self.load_fields.keys():
            return taken
        return super().take(data)

    @validates_schema
    def _check(self, data: dict[str, Any], **_: object) -> None:
        self.check(data)


def _taken(field: fields.Field[Any], name: str, data: dict[Any, Any]) -> Any:
    """Return and raise as `field.deserialize` does, but faster for ordinary values."""
    if data[name] is None:
        return field.deserialize(None, name, data)
    value = field._deserialize(data[name], name, data)
    for validator in field.validators:
        validator(value)
    return value


class QueryInput(Input):
    """The query of a URL, behind its `?`, or the same parameters in an event.

    An empty value counts as a missing one: forms and shells send fields that were left empty. Only
    fields with `keeps_empty` take it as an empty list: programs join the items that they have.
    """

    def load(self, data: Any, **options: Any) -> Any:
        """Return `data`, validated and converted by the fields. Raises ValidationError."""
        if isinstance(data, Mapping):
            data = {
                name: value
                for name, value in data.items()
                if value != "" or getattr(self.fields.get(name), "keeps_empty", False)
            }
        return super().load(data, **options)


class View(Schema):
    """A response's shape: describes a `show_…` function's result to readers and tests.

    The functions build plain dicts themselves: for a page of fifty messages, `Schema.dump` would
    cost more than reading and opening the messages.
    """


def show_next(following: object) -> str | None:
    """Return the `next` field of a view: a cursor as text; None at the end of a list."""
    return None if following is None else str(following)
