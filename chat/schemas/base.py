"""Define the base classes of the shapes of requests (`Input`) and responses (`View`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validates_schema

# Of every field of every input, beside what is wrong with a value of it.
FIELD_ERRORS: dict[str, Any] = {
    "required": "This field is required.",
    "null": "This field must not be null.",
}
MOST_FIELDS = 50  # of one object: each undeclared one would be reported, and there may be thousands


class Input(Schema):
    """Accepted input. An undeclared field is an error, and reported.

    Fields check the length of each value before anything else: tests/schemas/test_bounds.py.
    """

    error_messages = {
        "unknown": "There is no such field.",
        "type": "This must be an object.",
    }

    def load(self, data: Any, **options: Any) -> Any:
        """Return `data` as the fields make it. Raises ValidationError."""
        if isinstance(data, Mapping) and len(data) > MOST_FIELDS:
            raise ValidationError({"_schema": [f"Send at most {MOST_FIELDS} fields."]})
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
        if data.keys() <= self.load_fields.keys():
            return taken
        return super().take(data)

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

    An empty value counts as none: forms and shells send a field that was left empty. Only an empty
    list (a field with `keeps_empty`) is a list of nothing: programs join what they have.
    """

    def load(self, data: Any, **options: Any) -> Any:
        """Return `data` as the fields make it. Raises ValidationError."""
        if isinstance(data, Mapping):
            data = {
                name: value
                for name, value in data.items()
                if value != "" or getattr(self.fields.get(name), "keeps_empty", False)
            }
        return super().load(data, **options)


class View(Schema):
    """A response's shape: describes to readers and tests what the `show_…` function makes.

    The functions make plain dicts themselves: `Schema.dump` of a page of fifty messages would cost
    more than reading and opening them.
    """


def show_next(following: object) -> str | None:
    """Return the `next` of a view: the text of a cursor; None at the end of a list."""
    return None if following is None else str(following)
