"""Whatever somebody sends in place of a field's value, an input refuses it with a sentence."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from chat.schemas.base import Input
from chat.schemas.fields import Inner
from tests.helpers.inputs import INPUTS

VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 1e300, float("nan"), 2**70, "", "x", "\0", "\ud800", "9" * 500, b"x",
    [], [None], [[]], [{}], ["x", 1], {}, {"x": {}}, {"": None},
]  # fmt: skip


def objects_of(shape: Input) -> Iterator[dict[str, Any]]:
    """Yield objects with one field each of `shape`, and what is in place of its value."""
    for name, field in shape.load_fields.items():
        key = field.data_key or name
        inside = objects_of(field.schema) if isinstance(field, Inner) else iter(())
        for value in itertools.chain(VALUES, inside):
            yield {key: value}


@pytest.mark.parametrize("shape", INPUTS, ids=lambda shape: shape.__name__)
def test_a_wrong_value_is_refused_with_a_sentence(app: Flask, shape: type[Input]) -> None:
    with app.app_context():
        taken = shape()
        for sent in objects_of(taken):
            with contextlib.suppress(ValidationError):
                taken.load(sent)
            with contextlib.suppress(ValidationError):
                taken.take(sent)
