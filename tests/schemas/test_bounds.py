"""Every input value has a bound, and its length is checked before anything else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from flask import Flask
from marshmallow import ValidationError, fields

from chat.routes.sockets import EVENTS
from chat.schemas.base import MOST_FIELDS, Input
from chat.schemas.fields import Inner, ListOf, StrictInteger
from chat.schemas.message_inputs import Body
from chat.schemas.text_fields import CleanText, StrictString
from chat.utils.emojis import named_emoji
from tests.helpers.inputs import INPUTS
from tests.helpers.servers import ROOT

MOST_OF_ALL = 1_000  # characters; only what a message says may be longer
BODIES = {"MessageInput", "SendInput", "EditInput", "MessageEditInput", "SaidInput"}
BODIES |= {"CommandInput", "CommandRunInput"}


def why_unbounded(field: fields.Field) -> str:
    if isinstance(field, ListOf):
        return (
            why_unbounded(field.inner) if field.most <= MOST_OF_ALL else "a list that is too long"
        )
    if isinstance(field, Inner):
        return next(filter(None, map(why_unbounded, field.schema.load_fields.values())), "")
    if isinstance(field, StrictString):
        return "" if 0 < field.most <= MOST_OF_ALL * 3 else "a text that is too long"
    return "" if isinstance(field, StrictInteger | fields.Boolean) else f"a {type(field).__name__}"


def test_all_inputs_are_looked_at() -> None:
    assert {event.takes for event in EVENTS.values()} <= set(INPUTS)
    assert len(INPUTS) > 25


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
def test_every_field_has_a_bound(app: Flask, takes: type[Input]) -> None:
    for name, field in takes().load_fields.items():
        if isinstance(field, Body) and takes.__name__ in BODIES:
            assert isinstance(field, StrictString)
            assert field.most < 100_000
        else:
            assert not why_unbounded(field), f"{takes.__name__}.{name} is {why_unbounded(field)}"


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
def test_nothing_looks_at_what_is_too_long(app: Flask, takes: type[Input]) -> None:
    class Long(str):
        """A text of which only the length may be read."""

        __slots__ = ()

        def __len__(self) -> int:
            return 10**9

        def _refuse(self, *_: object, **__: object) -> None:
            raise AssertionError("it was looked at")

        __iter__ = __contains__ = encode = isascii = isprintable = strip = replace = casefold = (
            lower
        ) = startswith = _refuse  # type: ignore[assignment]

    for name, field in takes().load_fields.items():
        if isinstance(field, StrictString | StrictInteger):
            with pytest.raises(ValidationError):
                field.deserialize(Long("x"), name, {})
        elif isinstance(field, ListOf):
            with pytest.raises(ValidationError) as told:
                field.deserialize([Long("x")] * (field.most + 1), name, {})
            assert len(told.value.messages) == 1, "not one for each"


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "a\udfffb", "\ude00\ud83d"])
def test_no_text_holds_a_nul_or_half_a_character(app: Flask, takes: type[Input], bad: str) -> None:
    schema = takes()
    for name, field in schema.load_fields.items():
        inner = field.inner if isinstance(field, ListOf) else field
        if "\0" in bad and isinstance(inner, CleanText):
            assert "\0" not in inner._clean(bad), "cleaned like other control characters"
            continue
        value = [bad] if isinstance(field, ListOf) else bad
        with pytest.raises(ValidationError) as told:
            schema.load({field.data_key or name: value})
        assert (field.data_key or name) in told.value.messages


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
def test_of_thousands_of_unknown_fields_none_is_told(app: Flask, takes: type[Input]) -> None:
    with pytest.raises(ValidationError) as told:
        takes().load({f"unknown{number}": 1 for number in range(20_000)})
    assert told.value.messages == {"_schema": [f"Send at most {MOST_FIELDS} fields."]}


def test_the_longest_name_of_an_emoji_fits() -> None:
    from chat.schemas.fields import LONGEST_EMOJI

    assert (
        max(len(str(name)) + 2 for _, _, *names in named_emoji() for name in names) <= LONGEST_EMOJI
    )


def test_text_is_normalised_in_one_place() -> None:
    """What a password is hashed from may not be cut; it is bounded where it comes in."""
    there = {
        str(path.relative_to(ROOT))
        for path in Path(ROOT / "chat").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "normalize"
        and isinstance(node.value, ast.Name)
        and node.value.id in {"unicodedata", "ud"}
    }
    assert there == {"chat/utils/text.py", "chat/utils/passwords.py"}
