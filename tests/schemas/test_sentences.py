"""Every error of a field is a sentence of ours, which says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from chat.schemas.base import Input
from tests.helpers.inputs import INPUTS

NOT_OURS = ("Missing data", "may not be null", "Not a valid", "Invalid value", "Unknown field")
VALUES: list[Any] = [None, "", "x", -1, 10**30, 1.5, True, [], [None], ["x"] * 300, {}]


def errors_of(takes: type[Input], value: Any, name: str) -> list[str]:
    """Return the sentences about a field with this value."""

    def flat(errors: Any) -> list[str]:
        if isinstance(errors, dict):
            return [each for part in errors.values() for each in flat(part)]
        return [str(each) for each in errors]

    try:
        takes().load({name: value})
    except ValidationError as error:
        return flat(error.normalized_messages().get(name, []))
    return []


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
def test_the_error_of_null_says_that_null_is_not_allowed(app: Flask, takes: type[Input]) -> None:
    for name, field in takes().load_fields.items():
        expected = [] if field.allow_none else ["This field must not be null."]
        assert errors_of(takes, None, field.data_key or name) == expected, name


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
def test_the_error_of_a_missing_field_says_that_it_is_required(
    app: Flask, takes: type[Input]
) -> None:
    required = {
        field.data_key or name for name, field in takes().load_fields.items() if field.required
    }
    messages = takes().validate({})
    assert required <= messages.keys()
    assert all(messages[name] == ["This field is required."] for name in required)


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
def test_no_sentence_of_marshmallow_remains(app: Flask, takes: type[Input]) -> None:
    for name, field in takes().load_fields.items():
        for value in VALUES:
            for sentence in errors_of(takes, value, field.data_key or name):
                assert sentence.endswith((".", "?")), (name, value, sentence)
                assert not any(each in sentence for each in NOT_OURS), (name, value, sentence)
