"""Whatever somebody sends as an event is answered, and never by a mistake of the chat.

Each event is sent as it should be, and then hundreds of times with something else in the place of
its parts. The fixture `server` finds what the chat logged as its own mistakes.
"""

from __future__ import annotations

import itertools
import random
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chat.routes.sockets import EVENTS
from chat.utils import errors
from tests.helpers.world import Heard, Person, World

OWN = {errors.InternalError.code, errors.Unavailable.code}  # what would be the chat's fault
CODES = {
    each.code
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, errors.ChatError)
} - OWN
STRINGS = (
    "", " ", "x", "\0", "a\0b", "\ud800", "\udfff\ud800", "9" * 400, "x" * 9_000, "f" * 24, ":x:",
    ":" * 100, "🎉", "🎉" * 40, "²", "١٢", "NaN", "-1", "1e3", "0x10", "\r\n", "\u202e", "\ufeff",
    "\u0300" * 200, "%00", "../..", "{{7*7}}", "$where", "true", "null", "@room", "@" * 50,
    "`" * 200, "<b>", "after:2026-13-45", "on:²", "from:", "in:", '"', "-" * 300, "has:image " * 30,
    "Europe/", "+99:99", "12-" + "f" * 24, "2026-01-31T09:30:00Z",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2**31, 2**53, 2**63, 2**64, 10**30, 0.5, -0.0, 1e300)
SHAPES: tuple[Any, ...] = (None, True, [], [None], [[[]]], {}, {"$ne": None}, {"x": {}}, b"", b"\0")
ROUNDS = 40  # payloads of an event in which several parts are wrong

Payloads = dict[str, dict[str, Any]]


def sound(room_id: str, message_id: str, user_id: str) -> Payloads:
    """Return a payload of each event that the chat accepts."""
    room, message = {"room_id": room_id}, {"id": message_id}
    return {
        "message:send": {**room, "client_id": "c", "body": "x", "reply_to_id": message_id},
        "message:edit": {**message, "body": "y"},
        "message:delete": message,
        "message:react": {**message, "emoji": ":tada:", "on": True},
        "message:pin": {**message, "on": True},
        "command:run": {**room, "client_id": "c", "text": "/help", "time_zone": "Europe/Berlin"},
        "room:create": {"name": "Quay", "kind": "private", "topic": "Tides"},
        "room:join": room,
        "room:leave": room,
        "room:update": {**room, "topic": "Tides"},
        "room:catch_up": {**room, "after": 0, "limit": 10},
        "room:lines": {**room, "after": 0, "before": 10},
        "room:read": {**room, "seq": 1, "forward_only": True},
        "room:typing": {**room, "typing": True},
        "presence:be": {"status": "away"},
        "presence:ask": {"user_ids": [user_id]},
        "search": {"q": "x", "room_id": room_id, "from": user_id, "tz": "Europe/Berlin"},
    }


def wrong(payload: dict[str, Any], chance: random.Random) -> Iterator[Any]:
    """Yield what is nearly this payload, and what is none."""
    values = (*STRINGS, *NUMBERS, *SHAPES)
    yield from SHAPES
    yield from ("", "x", 5)
    for name, right in payload.items():
        yield {key: value for key, value in payload.items() if key != name}
        yield from ({**payload, name: value} for value in values)
        yield {**payload, name: [right] * 300}
    yield {**payload, "unknown": 1}
    yield {**payload, **{f"x{number}": number for number in range(60)}}
    for _ in range(ROUNDS):
        names = chance.sample(sorted(payload), chance.randint(1, len(payload)))
        yield {**payload, **{name: chance.choice(values) for name in names}}


def must_be_answered(heard: Heard, event: str, payload: Any) -> None:
    answer = heard.call(event, payload)
    if not answer["ok"]:
        assert answer["error"]["code"] in CODES, (event, payload, answer)
        assert answer["error"]["message"], (event, payload)


def as_person(world: World) -> Person:
    return world.bob


def as_administrator(world: World) -> Person:
    return world.alice


def as_bot(world: World) -> Person:
    """Return robby, a bot of alice's."""
    made = world.alice.post(
        "/bots", {"username": f"robby-{secrets.token_hex(4)}", "scopes": ["read", "write"]}
    ).json()
    robby = world.alice.second_device()
    robby.id, robby.access_token = made["bot"]["id"], made["token"]
    return robby


@pytest.mark.parametrize("asks", [as_person, as_administrator, as_bot])
def test_every_event_is_answered_whatever_is_sent(
    world: World, asks: Callable[[World], Person]
) -> None:
    person, room_id = asks(world), world.room()
    heard, chance = person.listen(), random.Random(7)
    for event in EVENTS:
        # what was done before may have ended a membership, or the message
        world.alice.post(f"/rooms/{room_id}/members", {"user_id": person.id})
        message_id = person.say(room_id, "hello")["id"]
        for payload in wrong(sound(room_id, message_id, person.id)[event], chance):
            must_be_answered(heard, event, payload)
        assert heard.call("presence:be", {"status": "online"})["ok"], event
    assert world.carol.say(room_id, "and everybody goes on")


# commands, which have a grammar of their own

TIMES = (
    "", "in", "in 0 minutes", "in -1 hours", "in 1e9 hours", "in 10 10 10", "in ² hours",
    "in ١٠ minutes", "in " + "9" * 400 + " days", "in an hour in an hour", "at", "at 99:99",
    "at 15:60", "at ²:00", "at 3pmm", "tomorrow", "tomorrow at", "tomorrow at 24:00", "at 00:00",
    "in 365 days", "in 366 days", "in einer stunde", "morgen um neun", "in\u00a05\u00a0minutes",
)  # fmt: skip
WHOM = ("", "me", "here", "@", "@nobody", "@room", "me @room", "@" * 300, "@\u202e")
ZONES = ("UTC", "+14:00", "-12:00", "Europe/Berlin", "Pacific/Apia")


def texts() -> Iterator[str]:
    names = ("me", "shrug", "topic", "invite", "status", "help", "remind", "nothing")
    for name, words in itertools.product(names, STRINGS):
        yield f"/{name} {words}"
        yield f"/{name}{words}"
    for whom, time, text in itertools.product(WHOM, TIMES, ("", "tea", "\0")):
        yield f"/remind {whom} {time} {text}"
        yield f"/remind {whom} {text} {time}"
    for emoji in (":x:", ":tada:", "🎉" * 50, "🏳️‍🌈", "\u200d", ":" * 200):
        yield f"/status {emoji}"
        yield f"/status {emoji} out"


def test_every_command_is_answered_whatever_follows_it(world: World) -> None:
    room_id = world.room()
    heard, chance = world.bob.listen(), random.Random(7)
    for number, text in enumerate(texts()):
        payload = {"room_id": room_id, "client_id": f"c{number}", "text": text}
        must_be_answered(heard, "command:run", payload | {"time_zone": chance.choice(ZONES)})
    leave = {"room_id": room_id, "client_id": "last", "text": "/leave"}
    assert heard.call("command:run", leave)["ok"], "bob is there still"


# streams, whose only words are an id


def test_a_stream_begins_nowhere_but_at_a_number(world: World) -> None:
    room_id = world.room()
    for text in STRINGS:
        if not re.fullmatch(r"[\x21-\x7e]{1,5000}", text) or text.isdecimal():
            continue  # no value of a header
        answer = world.bob.get(f"/rooms/{room_id}/stream", headers={"Last-Event-ID": text})
        assert answer.status_code == 422, text
        answer = world.bob.get(f"/rooms/{room_id}/stream", params={"after": text})
        assert answer.status_code == 422, text
