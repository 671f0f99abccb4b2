"""The API's answers report what is left, by draft-ietf-httpapi-ratelimit-headers-11."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chat.controllers import budgets
from chat.models.user import User
from chat.utils.configuration.rate_limits import DEFAULTS
from tests.helpers.world import Person, World

FIELD = re.compile(r'"([a-z-]+)"((?:;[a-z]+=(?:\d+|"[a-z-]+"))*)\Z')


def told(answer: TestResponse) -> tuple[dict[str, str], dict[str, str]]:
    """Return the policy and what is left of it, each with its name."""
    parts = []
    for field in ("RateLimit-Policy", "RateLimit"):
        found = FIELD.match(answer.headers[field])
        assert found, answer.headers[field]
        named = {"name": found[1]}
        parts.append(named | dict(each.split("=") for each in found[2].split(";") if each))
    policy, left = parts
    assert policy["name"] == left["name"]
    return policy, left


Asked = Callable[..., TestResponse]


@pytest.fixture
def asks(limited: Flask, world: World) -> Asked:
    client: FlaskClient = limited.test_client()

    def ask(person: Person, method: str, path: str, **options: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {person.access_token}"}
        return client.open(
            f"/api/v1{path}", method=method, headers=headers, buffered=True, **options
        )

    return ask


def test_a_change_tells_how_many_more_are_left(world: World, asks: Asked) -> None:
    room_id, lefts = world.room(), []
    for number in (1, 2, 3):
        answer = asks(
            world.bob,
            "POST",
            f"/rooms/{room_id}/messages",
            json={"client_id": f"c{number}", "body": "x"},
        )
        assert answer.status_code == 201
        policy, left = told(answer)
        assert policy == {"name": "send", "q": "1000", "w": "60"}
        assert 1 <= int(left["t"]) <= 60
        lefts.append(int(left["r"]))
    assert 1000 > lefts[0] > lefts[2] >= 997, "the window may move on meanwhile"
    assert (
        told(asks(world.bob, "PUT", f"/rooms/{room_id}/read", json={"seq": 1}))[0]["name"]
        == "write"
    )
    assert told(asks(world.bob, "GET", "/search?q=x"))[0] == {
        "name": "search",
        "q": "120",
        "w": "60",
    }
    assert told(asks(world.bob, "PATCH", "/me", json={}))[0] == {
        "name": "profile",
        "q": "120",
        "w": "3600",
    }


def test_what_is_refused_by_its_content_counts_and_tells_so(world: World, asks: Asked) -> None:
    bodies = ({}, {"name": ""}, {"nonsense": 1})
    lefts = [int(told(asks(world.bob, "POST", "/rooms", json=body))[1]["r"]) for body in bodies]
    assert lefts[0] > lefts[2]


def test_who_has_nothing_left_is_told_so_beside_retry_after(world: World, asks: Asked) -> None:
    for _ in range(120):
        budgets.charge("search", world.carol.id)
    answer = asks(world.carol, "GET", "/search?q=x")
    assert answer.status_code == 429
    policy, left = told(answer)
    assert policy == {"name": "search", "q": "120", "w": "60"}
    assert (left["r"], left["t"]) == ("0", answer.headers["Retry-After"])


def test_a_refusal_tells_of_the_budget_that_refuses_and_not_of_another(
    world: World, asks: Asked
) -> None:
    budgets.charge("meet strangers", world.bob.id, 20)
    dave = User.register(f"dave-{world.bob.username}", "Dave", world.password_hash)
    answer = asks(world.bob, "POST", "/direct-rooms", json={"user_ids": [str(dave.id)]})
    assert answer.status_code == 429, answer.text
    policy, left = told(answer)
    assert policy == {"name": "meet-strangers", "q": "20", "w": "86400"}
    assert left["r"] == "0"
    assert left["t"] == answer.headers["Retry-After"]


def test_bytes_are_told_in_bytes_and_time_is_not_told(
    world: World, asks: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "slow_down", lambda: None)
    for _ in range(2):
        budgets.charge_afterwards("bytes answered", world.bob.id, 120_000_000)
    refused = asks(world.bob, "GET", "/rooms")
    assert refused.status_code == 429
    assert told(refused)[0] == {
        "name": "bytes-answered",
        "q": "120000000",
        "qu": '"content-bytes"',
        "w": "60",
    }
    for _ in range(2):
        budgets.charge_afterwards("a person's time", world.carol.id, 15_000_000)
    slowed = asks(world.carol, "GET", "/rooms")
    assert slowed.status_code == 429
    assert "RateLimit" not in slowed.headers
    assert slowed.headers["Retry-After"]


def test_reading_tells_nothing_and_neither_does_a_chat_without_limits(
    world: World, asks: Asked
) -> None:
    assert "RateLimit" not in asks(world.bob, "GET", "/me").headers
    assert "RateLimit" not in world.bob.patch("/me", {}).headers, (
        "the running server of tests has none"
    )


def test_signing_in_tells_what_the_network_has_left(world: World, limited: Flask) -> None:
    answer = limited.test_client().post(
        "/api/v1/auth/login", json={"username": "x", "password": "x"}
    )
    assert answer.status_code == 401
    assert told(answer)[0] == {
        "name": "log-in-from",
        "q": DEFAULTS["log in from"].split()[0],
        "w": "60",
    }
