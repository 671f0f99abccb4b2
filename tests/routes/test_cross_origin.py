"""Pages of other origins: only those of ALLOWED_ORIGINS, with a token, and never with a cookie."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from config import Settings
from tests.helpers.servers import Server, new_chat
from tests.helpers.world import Person, World, csrf_of
from tests.realtime.tools import Line

APP, PHONE = "https://app.example.org", "capacitor://localhost"
HOSTILE = [
    "null",
    "",
    "https://evil.example",
    "http://app.example.org",
    "https://app.example.org:8443",
    "https://app.example.org:443",
    "https://APP.example.org",
    "https://app.example.org.evil.example",
    "https://evil-app.example.org",
    "https://sub.app.example.org",
    "https://app.example.org/",
    "https://app.example.org@evil.example",
    "https://app.example.org, https://evil.example",
    "*",
    "capacitor://localhost:1",
    "http://localhost",
]


@pytest.fixture(scope="module")
def chat(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start a chat that allows pages of another origin."""
    with new_chat(folder, settings.mongo_uri, ALLOWED_ORIGINS=f"{APP}, {PHONE}") as server:
        yield server


@pytest.fixture(scope="module")
def open_chat(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    """Start a chat that allows pages of all origins."""
    with new_chat(folder, settings.mongo_uri, ALLOWED_ORIGINS="*") as server:
        yield server


def at(server: Server, person: Person) -> Person:
    there = copy.copy(person)
    there.server = server
    return there


def cookies_of(person: Person) -> dict[str, str]:
    """Return what the person's browser sends with the requests of any page."""
    names = ("chat_access", "chat_refresh", "chat_csrf")
    values = (person.access_token, person.refresh_token, csrf_of(person.access_token))
    return {person.server.cookie(name): value for name, value in zip(names, values, strict=True)}


def allows(answer: requests.Response) -> str | None:
    assert "Access-Control-Allow-Credentials" not in answer.headers
    return answer.headers.get("Access-Control-Allow-Origin")


PREFLIGHT = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization",
}


@pytest.mark.parametrize("origin", [APP, PHONE])
def test_a_page_that_is_allowed_uses_the_api_with_a_token(
    world: World, chat: Server, origin: str
) -> None:
    bob, room_id = at(chat, world.bob), world.room()
    headers = {"Origin": origin}
    first = requests.options(f"{chat.url}/api/v1/me", headers=headers | PREFLIGHT, timeout=5)
    assert (first.status_code, first.content, allows(first)) == (204, b"", origin)
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(
        first.headers["Access-Control-Allow-Methods"].split(", ")
    )
    assert {"Authorization", "Content-Type"} <= set(
        first.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert int(first.headers["Access-Control-Max-Age"]) > 0
    said = bob.ask(
        "POST",
        f"/rooms/{room_id}/messages",
        json={"client_id": "c", "body": "from afar"},
        headers=headers,
    )
    assert (said.status_code, allows(said)) == (201, origin)
    assert "X-Request-ID" in said.headers["Access-Control-Expose-Headers"]
    assert "Retry-After" in said.headers["Access-Control-Expose-Headers"]
    assert "Origin" in said.headers["Vary"]
    for path, status in (("/nothing", 404), (f"/rooms/{'0' * 24}", 404), ("/me?x=1", 422)):
        refused = bob.get(path, headers=headers)
        assert (refused.status_code, allows(refused)) == (status, origin), "a mistake can be read"
    spent = bob.get("/me", token="x", headers=headers)
    assert (spent.status_code, allows(spent)) == (401, origin)


def test_a_page_that_is_allowed_has_no_use_of_cookies(world: World, chat: Server) -> None:
    bob, room_id = at(chat, world.bob), world.room()
    headers = {
        "Origin": APP,
        "X-CSRF-TOKEN": csrf_of(world.bob.access_token),
        "Sec-Fetch-Site": "same-site",
    }
    body = {"client_id": "c", "body": "x"}
    for method, path in (
        ("GET", "/me"),
        ("GET", "/rooms"),
        ("POST", f"/rooms/{room_id}/messages"),
        ("POST", "/auth/logout"),
    ):
        answer = requests.request(
            method,
            f"{chat.url}/api/v1{path}",
            headers=headers,
            cookies=cookies_of(bob),
            json=body if method == "POST" else None,
            timeout=5,
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated"), (
            path
        )
        assert "Set-Cookie" not in answer.headers
    assert bob.get("/me").status_code == 200, "and nobody was signed out"


@pytest.mark.parametrize(
    "path", ["/rooms", "/login", "/static/css/base.css", "/session/refresh", "/up/x", "/apix", "/"]
)
def test_a_page_that_is_allowed_may_use_the_api_and_nothing_else(chat: Server, path: str) -> None:
    for ask in (requests.get, requests.post, requests.options):
        answer = ask(chat.url + path, headers={"Origin": APP} | PREFLIGHT, timeout=5)
        assert (answer.status_code, allows(answer)) == (403, None)


@pytest.mark.parametrize("origin", HOSTILE)
def test_whoever_only_resembles_it_is_refused(world: World, chat: Server, origin: str) -> None:
    bob = at(chat, world.bob)
    headers = {"Origin": origin}
    for method in ("GET", "POST", "OPTIONS"):
        answer = bob.ask(
            method, "/rooms", headers=headers | PREFLIGHT, json={} if method == "POST" else None
        )
        assert (answer.status_code, allows(answer)) == (403, None), method
    polling = requests.get(
        f"{chat.url}/socket.io/?EIO=4&transport=polling", headers=headers, timeout=5
    )
    assert allows(polling) is None
    assert greeting(chat, origin, world.bob.access_token) == '44{"message":"forbidden"}'


def greeting(server: Server, origin: str | None, token: str | None, cookies: str = "") -> str:
    """Return a WebSocket's answer to CONNECT: `40…` if it is accepted, `44…` if not."""
    headers = f"Origin: {origin}\r\n" if origin is not None else ""
    headers += f"Cookie: {cookies}\r\n" if cookies else ""
    line = Line(server.port, headers=headers)
    line.next()
    line.send("40" + (json.dumps({"token": token}) if token else ""))
    return str(line.until("4"))


@pytest.mark.parametrize("origin", [APP, PHONE])
def test_a_socket_of_a_page_that_is_allowed_opens_with_a_token_and_with_nothing_else(
    world: World, chat: Server, origin: str
) -> None:
    bob = at(chat, world.bob)
    cookies = "; ".join(f"{name}={value}" for name, value in cookies_of(bob).items())
    assert greeting(chat, origin, bob.access_token).startswith("40")
    assert greeting(chat, origin, None, cookies) == '44{"message":"unauthenticated"}'
    assert greeting(chat, origin, "x", cookies) == '44{"message":"unauthenticated"}'
    own = f"http://localhost:{chat.port}"
    assert greeting(chat, own, None, cookies).startswith("40"), "as pages of the chat do"


def polled(server: Server, origin: str, connect: str, **options: Any) -> str:
    """Return what is polled after a CONNECT packet; the page may read every answer."""
    url = f"{server.url}/socket.io/?EIO=4&transport=polling"
    headers = {"Origin": origin}
    opened = requests.get(url, headers=headers, timeout=5, **options)
    assert allows(opened) in (origin, "*")
    session = f"{url}&sid={json.loads(opened.text[1:])['sid']}"
    posted = requests.post(session, data=connect, headers=headers, timeout=5, **options)
    assert (posted.text, allows(posted)) == ("ok", allows(opened))
    found = requests.get(session, headers=headers, timeout=5, **options)
    assert allows(found) == allows(opened)
    return found.text


def test_polling_from_a_page_that_is_allowed(world: World, chat: Server) -> None:
    bob = at(chat, world.bob)
    assert polled(chat, APP, "40" + json.dumps({"token": bob.access_token})).startswith("40")
    assert polled(chat, APP, "40", cookies=cookies_of(bob)) == '44{"message":"unauthenticated"}'
    first = requests.options(
        f"{chat.url}/socket.io/?EIO=4&transport=polling",
        headers={"Origin": APP} | PREFLIGHT,
        timeout=5,
    )
    assert (first.status_code, allows(first)) == (204, APP)


def test_who_sends_no_origin_and_pages_of_our_own_are_as_ever(world: World, chat: Server) -> None:
    bob = at(chat, world.bob)
    for headers in ({}, {"Origin": f"http://localhost:{chat.port}"}):
        answer = bob.get("/me", headers=headers)
        assert (answer.status_code, allows(answer)) == (200, None)
        assert answer.headers["Vary"] == "Origin", "a cache keeps the two apart"
        with_cookie = requests.get(
            f"{chat.url}/api/v1/me", headers=headers, cookies=cookies_of(bob), timeout=5
        )
        assert with_cookie.status_code == 200


@pytest.mark.parametrize("origin", ["https://anywhere.example", "null", APP, "http://localhost:1"])
def test_where_all_are_allowed_they_are_with_a_token_alone(
    world: World, open_chat: Server, origin: str
) -> None:
    bob = at(open_chat, world.bob)
    headers = {"Origin": origin}
    answer = bob.get("/me", headers=headers)
    assert (answer.status_code, allows(answer)) == (200, "*")
    refused = requests.get(
        f"{open_chat.url}/api/v1/me", headers=headers, cookies=cookies_of(bob), timeout=5
    )
    assert (refused.status_code, allows(refused)) == (401, "*")
    assert requests.get(f"{open_chat.url}/login", headers=headers, timeout=5).status_code == 403
    cookies = "; ".join(f"{name}={value}" for name, value in cookies_of(bob).items())
    assert greeting(open_chat, origin, bob.access_token).startswith("40")
    assert greeting(open_chat, origin, None, cookies) == '44{"message":"unauthenticated"}'
    assert polled(open_chat, origin, "40" + json.dumps({"token": bob.access_token})).startswith(
        "40"
    )


def test_where_all_are_allowed_our_own_pages_still_use_their_cookies(
    world: World, open_chat: Server
) -> None:
    bob = at(open_chat, world.bob)
    own = {
        "Origin": f"http://localhost:{open_chat.port}",
        "X-CSRF-TOKEN": csrf_of(bob.access_token),
    }
    answer = requests.patch(
        f"{open_chat.url}/api/v1/me",
        json={"display_name": "Bob"},
        headers=own,
        cookies=cookies_of(bob),
        timeout=5,
    )
    assert answer.status_code == 200


def test_under_another_host_nobody_is_allowed_anything(open_chat: Server) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    for path in ("/api/v1/me", "/socket.io/?EIO=4&transport=polling"):
        answer = requests.get(open_chat.url + path, headers=headers, timeout=5)
        assert (answer.status_code, allows(answer)) == (421, None)
