"""Doubled input takes at most about twice the time, whatever it is: nothing grows with the square.

The tests measure CPU, each time the minimum of several, at sizes where it is milliseconds. What
is faster than that cannot block anybody.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from chat.models.search.query import parse
from chat.routes.errors import sentences
from chat.schemas.base import Input
from chat.schemas.fields import ListOf
from chat.schemas.message_inputs import MessageInput
from chat.schemas.text_fields import StrictString
from chat.utils import lookalikes, markup, names, plain_text, text
from chat.utils.errors import ChatError
from chat.utils.words.terms import groups_of
from chat.utils.words.units import units_of
from tests.helpers.growth import FILLERS
from tests.helpers.inputs import INPUTS

MOST_GROWTH = 2.5
NOISE = 0.004  # seconds: below it nothing is compared
BEYOND = 200_000  # characters: as many as a request can carry
TRIES = 3


def filled(filler: str, length: int, head: str = "a") -> str:
    return (head + filler * (length // len(filler) + 1))[:length]


def seconds(work: Callable[[], object]) -> float:
    """Return the minimum CPU of several runs."""
    taken = []
    for _ in range(TRIES):
        begin = time.process_time()
        with contextlib.suppress(
            ValidationError, ChatError, ValueError
        ):  # what is refused costs, too
            work()
        taken.append(time.process_time() - begin)
        if taken[-1] < NOISE / 4:
            break
    return min(taken)


def grows(work: Callable[[str], object], filler: str, length: int) -> str:
    """Return how the time grew when the input doubled; "" where the growth is acceptable."""
    gc.collect(0)
    once, twice = (
        seconds(lambda: work(filled(filler, length))),
        seconds(lambda: work(filled(filler, 2 * length))),
    )
    return f"{once:.4f} s → {twice:.4f} s" if twice > max(NOISE, MOST_GROWTH * once) else ""


def assert_linear(work: Callable[[str], object], length: int) -> None:
    """Assert that the time is linear, with three tries: load can spoil one, not three."""
    for name, filler in FILLERS.items():
        found = [grows(work, filler, length)]
        while found[-1] and len(found) < 3:
            found.append(grows(work, filler, length))
        assert not found[-1], f"{name}: {found}"


def loaded(takes: type[Input], name: str, field: Any) -> Callable[[str], object]:
    """Return a function that validates one field like every route, with the refusal's sentence."""
    schema, key = takes(), field.data_key or name

    def work(value: str) -> object:
        try:
            return schema.take({key: [value] * 3 if isinstance(field, ListOf) else value})
        except ValidationError as error:
            return sentences(error.messages)

    return work


@pytest.mark.parametrize("takes", INPUTS, ids=lambda each: each.__name__)
def test_no_field_of_any_schema_grows_with_the_square(app: Flask, takes: type[Input]) -> None:
    for name, field in takes().load_fields.items():
        work = loaded(takes, name, field)
        most = field.most if isinstance(field, StrictString) else 100
        assert_linear(work, most // 2)
        assert_linear(work, BEYOND // 2)


def test_no_list_and_no_number_of_fields_grows_with_the_square(app: Flask) -> None:
    for takes in INPUTS:
        schema = takes()
        for name, field in schema.load_fields.items():
            if isinstance(field, ListOf):
                assert_linear(
                    lambda value, name=name, schema=schema: schema.take(
                        {name: list(value[:10_000])}
                    ),
                    5_000,
                )
        assert_linear(
            lambda value, schema=schema: schema.take(
                {f"{value[:3]}{number}": 1 for number in range(len(value))}
            ),
            2_000,
        )


@pytest.mark.parametrize(
    "work",
    [
        lambda value: text.normalize("NFC", value),
        lambda value: text.normalize("NFKD", value),
        lambda value: text.clean_text(value, lines=True),
        text.is_stream_safe,
        lambda value: plain_text.excerpt_of(value, value),
        text.quoted,
        names.clean_name,
        names.without_invisible,
        names.is_username,
        units_of,
        groups_of,
    ],
    ids=lambda work: getattr(work, "__name__", "?"),
)
def test_no_tool_for_text_grows_with_the_square(work: Callable[[str], object]) -> None:
    assert_linear(work, 4_000)


@pytest.mark.parametrize(
    "work",
    [lookalikes.skeletons, lookalikes.claims_a_role, lookalikes.is_reserved],
    ids=lambda work: work.__name__,
)
def test_to_look_at_a_name_does_not_grow_with_the_square(work: Callable[[str], object]) -> None:
    """They are 128 characters at most; a ligature is eighteen letters."""
    assert_linear(work, 500)


def test_no_message_takes_long_to_show(app: Flask) -> None:
    """As long as a message may be, and twice that: MAX_MESSAGE_CHARS can be raised."""
    body = MessageInput().load_fields["body"]
    for longest in (body.longest, 5 * body.longest):
        assert_linear(
            lambda value: markup.render(text.clean_text(value, lines=True), {"bob": "0" * 24}),
            longest // 2,
        )
        assert_linear(markup.names_in, longest)


def test_no_query_grows_with_the_square(app: Flask) -> None:
    assert_linear(parse, 2_000)
