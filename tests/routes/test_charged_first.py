"""Refused requests are work, too: the limit counts them before anything reads them."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from flask import Flask

from chat import extensions
from chat.controllers import budgets, sessions
from chat.extensions import socketio
from chat.models.document import id_from
from chat.routes.api import PREFIX
from chat.routes.sockets import EVENTS
from chat.routes.sockets.connection import Connection
from chat.routes.sockets.event_guard import guarded
from chat.schemas.base import Input
from chat.utils.errors import RateLimited
from tests.helpers.world import World, csrf_of


@pytest.fixture
def counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return what was counted, and for whom."""
    found: list[tuple[str, str]] = []

    def charge(name: str, who: budgets.Who, amount: int = 1) -> None:
        found.append((name, who.name if isinstance(who, budgets.Network) else str(who)))

    monkeypatch.setattr(budgets, "charge", charge)
    return found


def test_every_change_through_the_api_is_counted_though_its_body_is_nonsense(
    app: Flask, world: World, counted: list[tuple[str, str]]
) -> None:
    client = app.test_client()
    headers = {"Authorization": f"Bearer {world.bob.access_token}"}
    tried = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            if not rule.rule.startswith(PREFIX) or rule.endpoint == "auth.log_out":
                continue
            counted.clear()
            path = rule.build(dict.fromkeys(rule.arguments, "0" * 24), append_unknown=False)[1]
            client.open(
                path,
                method=method,
                headers=headers,
                data=b"[" * 500,
                content_type="application/json",
            )
            who = "127.0.0.1" if rule.endpoint.startswith("auth.") else world.bob.id
            assert counted, f"{method} {rule.rule}"
            assert counted[0][1] == who, f"{method} {rule.rule}"
            tried += 1
    assert tried > 25


def test_every_search_is_counted_though_its_query_is_nonsense(
    app: Flask, world: World, counted: list[tuple[str, str]]
) -> None:
    client = app.test_client()
    client.get(
        f"{PREFIX}/search?limit=x", headers={"Authorization": f"Bearer {world.bob.access_token}"}
    )
    client.set_cookie(world.server.cookie("chat_access"), world.bob.access_token)
    client.get("/search?limit=x")
    assert counted == [("search", world.bob.id)] * 2


def test_every_form_is_counted_though_it_is_nonsense(
    app: Flask, world: World, counted: list[tuple[str, str]]
) -> None:
    client, origin = app.test_client(), {"Origin": min(extensions.settings().origins)}
    client.set_cookie(world.server.cookie("chat_access"), world.bob.access_token)
    tried = 0
    for rule in app.url_map.iter_rules():
        is_door = rule.endpoint.startswith(("sign_in.", "joining.", "resetting."))
        is_page = is_door or rule.endpoint.startswith("pages.")
        if rule.endpoint == "sign_in.log_out":
            continue
        if not is_page or "POST" not in (rule.methods or set()):
            continue
        for form in (
            {"nonsense": "x"},
            {"nonsense": "x", "csrf_token": csrf_of(world.bob.access_token)},
        ):
            counted.clear()
            path = rule.build(dict.fromkeys(rule.arguments, "0" * 24), append_unknown=False)[1]
            client.post(path, data=form, headers=origin)
            who = "127.0.0.1" if is_door else world.bob.id
            assert counted, rule.rule
            assert counted[0][1] == who, rule.rule
            tried += 1
    assert tried > 40


def test_whoever_is_sent_by_a_foreign_page_does_not_pay_for_it(
    app: Flask, counted: list[tuple[str, str]]
) -> None:
    for path in ("/login", "/register", "/session/refresh"):
        assert (
            app.test_client()
            .post(path, data={"username": "x"}, headers={"Origin": "https://evil.example"})
            .status_code
            == 403
        )
    assert not counted


@pytest.mark.parametrize("name", [name for name, event in EVENTS.items() if event.counts_as])
def test_every_event_that_counts_is_counted_though_its_payload_is_nonsense(
    app: Flask,
    world: World,
    counted: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    session_id = id_from(world.bob.session_id)
    assert session_id
    person, session = sessions.require(session_id)
    monkeypatch.setattr(
        sys.modules[guarded.__module__],
        "connection_of",
        lambda sid: Connection(sid, person, session),
    )
    monkeypatch.setattr(socketio, "arrived_at", lambda _sid: None)
    answer = guarded(EVENTS[name], name)
    for payload in ({"nonsense": 1}, None, [], "x"):
        counted.clear()
        assert answer("a socket", payload)["ok"] is False
        assert counted == [(EVENTS[name].counts_as, world.bob.id)]

    def too_often(*_: object) -> None:
        raise RateLimited(retry_after=5)

    def look(*_: object, **__: object) -> Any:
        raise AssertionError("it was looked at")

    monkeypatch.setattr(budgets, "charge", too_often)
    monkeypatch.setattr(Input, "take", look)
    assert answer("a socket", {"nonsense": 1})["error"]["code"] == "rate_limited"
