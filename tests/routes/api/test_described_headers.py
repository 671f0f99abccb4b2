"""The OpenAPI document has the headers that requests may have, and that responses have."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from chat.controllers import budgets
from tests.helpers.uploads import chosen, uploaded
from tests.helpers.world import PASSWORD, World

# What HTTP libraries handle themselves, and what only browsers use.
NOT_DESCRIBED = {
    "Allow",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Length",
    "Content-Security-Policy",
    "Content-Type",
    "Cross-Origin-Resource-Policy",
    "Date",
    "Referrer-Policy",
    "Server",
    "Vary",
    "X-Content-Type-Options",
}

Described = dict[str, Any]


QUERIES = {"searchMessages": {"q": "heliotrope"}, "getMessages": {"ids": "0" * 24}}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    described: Described

    @property
    def name(self) -> str:
        return str(self.described["operationId"])

    @property
    def taken(self) -> set[str]:
        parameters = self.described.get("parameters", [])
        return {each["name"] for each in parameters if each["in"] == "header"}


class Api:
    """The API as bob asks it, with rate limits, and as its document describes it."""

    def __init__(self, app: Flask, world: World):
        self._client = app.test_client()
        self._token = world.bob.access_token
        self.document: Described = self._client.get("/api/v1/openapi.json").get_json()
        room_id = world.room()
        image_id = uploaded(world.bob, room_id)["id"]
        chosen(world.bob)
        self._known = {
            "room_id": room_id,
            "message_id": world.bob.say(room_id, "heliotrope")["id"],
            "user_id": world.bob.id,
            "image_id": image_id,
            "emoji": "👍",
            "provider": "acme",
            "session_id": "0" * 24,
            "invitation_id": "0" * 24,
            "invite_id": "0" * 24,
            "subscription_id": "0" * 24,
            "passkey_id": "0" * 24,
            "report_id": "0" * 24,
            "hook_id": "0" * 24,
            "token_id": "0" * 24,
            "reminder_id": "0" * 24,
            "export_id": "0" * 24,
            "bot_id": "0" * 24,
            "command_id": "0" * 24,
            "delivery_id": "0" * 24,
            "number": "0",
        }

    def operations(self) -> Iterator[Operation]:
        for path, methods in self.document["paths"].items():
            for method, described in methods.items():
                if method != "parameters" and not path.endswith("/stream"):  # without an end
                    yield Operation(method.upper(), path, described)

    def ask(self, operation: Operation, **headers: str) -> TestResponse:
        ask = partial(
            self._client.open,
            operation.path.format(**self._known),
            method=operation.method,
            headers={"Authorization": f"Bearer {self._token}"} | headers,
            query_string=QUERIES.get(operation.name),
            json=None if operation.method == "GET" else {},
            buffered=True,
        )
        return Context().run(ask)  # without the test's own application context, whose g lasts

    def headers_of(self, operation: Operation, status: int) -> set[str]:
        """Return the described headers of a response."""
        responses = operation.described["responses"]
        described = responses.get(str(status), responses["default"])
        if "$ref" in described:
            name = described["$ref"].rpartition("/")[2]
            described = self.document["components"]["responses"][name]
        return set(described.get("headers", {}))


@pytest.fixture
def api(world: World, limited: Flask) -> Api:
    return Api(limited, world)


def test_every_header_of_an_answer_is_described(api: Api) -> None:
    statuses = set()
    for operation in api.operations():
        if operation.name in ("logOut", "leaveRoom"):  # then nothing else could be asked
            continue
        answer = api.ask(operation)
        seen = set(answer.headers.keys()) - NOT_DESCRIBED
        described = api.headers_of(operation, answer.status_code) | {"X-Request-ID"}
        assert seen <= described, (operation.name, answer.status_code)
        if answer.status_code < 300:
            assert described - seen <= {"X-Request-ID"}, operation.name
        statuses.add(answer.status_code)
    assert {200, 204, 401, 404, 422} <= statuses


def test_what_has_an_etag_is_described_with_304_and_is_answered_so(api: Api) -> None:
    conditional = set()
    for operation in api.operations():
        answer = api.ask(operation) if operation.method == "GET" else None
        if answer is None or "ETag" not in answer.headers:
            assert "304" not in operation.described["responses"], operation.name
            assert "If-None-Match" not in operation.taken, operation.name
            continue
        conditional.add(operation.name)
        assert "If-None-Match" in operation.taken, operation.name
        again = api.ask(operation, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), operation.name
        seen = set(again.headers.keys()) - NOT_DESCRIBED
        assert seen <= api.headers_of(operation, 304), operation.name
    assert {"listMessages", "getLog", "getRoom", "listMyRooms", "getImage"} <= conditional


def test_what_is_answered_in_parts_is_described_so(api: Api) -> None:
    for operation in api.operations():
        is_in_parts = "206" in operation.described["responses"]
        assert ({"Range", "If-Range"} <= operation.taken) is is_in_parts, operation.name
        if is_in_parts:
            answer = api.ask(operation, Range="bytes=0-9")
            assert answer.status_code == 206
            assert set(answer.headers.keys()) - NOT_DESCRIBED <= api.headers_of(operation, 206)
            beyond = api.ask(operation, Range="bytes=99999999-")
            assert beyond.status_code == 416
            assert set(beyond.headers.keys()) - NOT_DESCRIBED <= api.headers_of(operation, 416)


def test_a_refusal_is_described_with_when_to_try_again(world: World, api: Api) -> None:
    search = next(each for each in api.operations() if each.name == "searchMessages")
    for _ in range(120):
        budgets.charge("search", world.bob.id)
    refused = api.ask(search)
    assert refused.status_code == 429
    told = set(refused.headers.keys()) - NOT_DESCRIBED
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= told
    assert told <= api.headers_of(search, 429)


def test_the_token_of_a_device_is_described_where_it_is_taken(world: World, api: Api) -> None:
    takes = {each.name for each in api.operations() if "X-Device-Token" in each.taken}
    assert takes == {"register", "logIn", "logInByPasskey", "refreshTokens"}
    account = {"username": world.bob.username, "password": PASSWORD}
    login = world.server.url + "/api/v1/auth/login"
    token = requests.post(login, json=account, timeout=20).json()["device_token"]
    again = requests.post(login, json=account, headers={"X-Device-Token": token}, timeout=20)
    assert again.json()["device_token"] == token, "it is the same device"


def test_headers_are_shared_and_no_shared_one_is_without_use(api: Api) -> None:
    components = api.document["components"]["headers"]
    used = {
        name
        for operation in api.operations()
        for status in operation.described["responses"]
        for name in api.headers_of(operation, status)
    }
    assert set(components) == used
    assert all(each["description"] for each in components.values())
