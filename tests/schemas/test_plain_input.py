"""`PlainInput.take` is a shortcut: it must accept and refuse exactly what marshmallow does."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from chat.routes.sockets import EVENTS
from chat.schemas.base import Input, PlainInput

PLAIN = {name: event.takes for name, event in EVENTS.items() if issubclass(event.takes, PlainInput)}
ID = "65a0c0ffee65a0c0ffee65a0"
RIGHT: dict[str, list[Any]] = {
    "room_id": [ID],
    "client_id": ["c-1"],
    "body": ["tea", "  two\nlines ", "e\u0301"],
    "reply_to_id": [None, ID],
    "image_ids": [[], [ID]],
    "after": [0, 5],
    "limit": [1],
    "seq": [7],
    "forward_only": [True, False],
    "typing": [True],
}
WRONG: list[Any] = [
    None,
    "",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    b"bytes",
    "x" * 100_000,
    "\x07",
    "\ud800",
    [ID, ID],
    [1],
    ID.upper(),
    10**20,
    float("nan"),
]


def outcome(function: Any, data: dict[Any, Any]) -> tuple[str, Any]:
    try:
        return "taken", function(data)
    except ValidationError as error:
        return "refused", error.messages


def test_the_events_that_come_all_day_are_plain() -> None:
    assert {"message:send", "room:read", "room:typing", "room:catch_up"} <= PLAIN.keys()


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_input_takes_what_marshmallow_loads_and_says_the_same_of_all_else(
    app: Flask, name: str
) -> None:
    dice, schema, seen = random.Random(name), PLAIN[name](), set()
    for _ in range(3_000):
        data: dict[Any, Any] = {}
        for field in schema.load_fields:
            kind = dice.random()
            if kind < 0.85:
                data[field] = dice.choice(RIGHT[field])
            elif kind < 0.93:
                data[field] = dice.choice(WRONG)
        if dice.random() < 0.05:
            data[dice.choice(["unknown", 5, None])] = "x"
        taken, loaded = outcome(schema.take, dict(data)), outcome(schema.load, dict(data))
        assert repr(taken) == repr(loaded), data
        seen.add(taken[0])
    assert seen == {"taken", "refused"}


@pytest.mark.parametrize("name", PLAIN)
def test_a_default_that_is_a_list_is_a_new_one_each_time(app: Flask, name: str) -> None:
    schema = PLAIN[name]()
    data = {
        field: RIGHT[field][0]
        for field, kept in schema.load_fields.items()
        if kept.required or field == "body"
    }
    for value in schema.take(data).values():
        if isinstance(value, list):
            value.append("mine")
    assert "mine" not in repr(schema.take(data))


def test_an_input_that_has_more_to_do_goes_through_load_whole() -> None:
    others = [event.takes for event in EVENTS.values() if not issubclass(event.takes, PlainInput)]
    assert others
    assert all(takes.take is Input.take for takes in others)
