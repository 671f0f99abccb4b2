"""Host and Origin are checked before every route: foreign pages cannot use visitors' browsers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from config import Settings
from tests.helpers.raw_http import Answer, say
from tests.helpers.servers import GUNICORN, WSGI, Server, new_chat
from tests.helpers.world import PASSWORD, World
from tests.realtime.tools import Line

DOORS = (
    "/api/v1/auth/login",
    "/api/v1/rooms",
    "/login",
    "/rooms",
    "/nothing",
    "/static/css/base.css",
    "/socket.io/?EIO=4&transport=polling",
)
EVIL = "evil.example"


def ask(server: Server, path: str, host: str, *headers: str) -> Answer:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]
    return Answer.of(say(server.port, "\r\n".join(lines).encode()))


@pytest.mark.parametrize("path", DOORS)
def test_who_means_another_host_is_told_so_at_every_door(server: Server, path: str) -> None:
    for host in (
        EVIL,
        f"{EVIL}:{server.port}",
        "localhost",
        f"localhost.{EVIL}:{server.port}",
        f"localhost:{server.port + 1}",
        "",
    ):
        answer = ask(server, path, host)
        assert answer.status == 421, host
        assert f"http://localhost:{server.port}" in answer.rest.decode(), (
            "one sentence says where the chat is"
        )
        assert answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    for host in (
        f"localhost:{server.port}",
        f"LocalHost:{server.port}",
        f"127.0.0.1:{server.port}",
    ):
        assert ask(server, path, host).status in (200, 302, 401, 404, 405)


def test_a_page_whose_name_is_pointed_here_can_do_nothing_with_its_visitors_browser(
    server: Server,
) -> None:
    """DNS rebinding: the browser takes the page's own name for the origin, and for the host."""
    headers = {"Host": f"{EVIL}:{server.port}", "Origin": f"http://{EVIL}:{server.port}"}
    body = {"username": f"rebound-{secrets.token_hex(3)}", "password": PASSWORD}
    refused = requests.post(
        f"{server.url}/api/v1/auth/register", json=body, headers=headers, timeout=5
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (421, "misdirected")
    assert (
        requests.post(f"{server.url}/api/v1/auth/login", json=body, timeout=5).status_code == 401
    ), "nobody was registered"


@pytest.mark.parametrize("path", ["/up", "/ready"])
def test_machines_that_watch_may_ask_by_any_name(server: Server, path: str) -> None:
    assert ask(server, path, EVIL).status == 200
    assert ask(server, path, EVIL, f"Origin: http://{EVIL}").status == 200


@pytest.mark.parametrize(
    "origin",
    [
        f"http://{EVIL}",
        "null",
        "",
        "http://localhost",
        "https://localhost:PORT",
        "http://localhost:PORT.evil.example",
    ],
)
def test_a_request_of_a_foreign_page_is_refused_at_every_door_in_its_form(
    world: World, origin: str
) -> None:
    headers = {"Origin": origin.replace("PORT", str(world.server.port))}
    for token in (world.bob.access_token, "nonsense"):
        for method, path in (
            ("GET", "/rooms"),
            ("POST", "/rooms"),
            ("POST", "/auth/login"),
            ("GET", "/nothing"),
        ):
            answer = world.bob.ask(
                method, path, token=token, headers=headers, json={} if method == "POST" else None
            )
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), path
            assert answer.json()["error"]["request_id"] == answer.headers["X-Request-ID"]
    for path in ("/rooms", "/login", "/static/css/base.css", "/nothing"):
        page = requests.get(
            world.server.url + path,
            headers=headers,
            cookies={world.server.cookie("chat_access"): world.bob.access_token},
            timeout=5,
        )
        assert page.status_code == 403
        assert "PUBLIC_URL" in page.text
        assert page.headers["Content-Type"].startswith("text/html")


def test_a_socket_of_a_foreign_page_is_refused_in_the_words_of_its_protocol(world: World) -> None:
    """As it was: the handshake is answered, the CONNECT packet is refused with a code."""
    line = Line(world.server.port, headers=f"Origin: http://{EVIL}\r\n")
    line.next()
    line.send("40" + json.dumps({"token": world.bob.access_token}))
    assert line.until("44") == '44{"message":"forbidden"}'


def test_own_pages_and_programs_are_let_through(world: World) -> None:
    for origin in (
        f"http://localhost:{world.server.port}",
        f"http://127.0.0.1:{world.server.port}",
    ):
        assert world.bob.get("/rooms", headers={"Origin": origin}).status_code == 200
    assert world.bob.get("/rooms").status_code == 200, "programs tell no Origin"


def test_answers_of_sockets_have_what_all_answers_have(server: Server) -> None:
    for path in (
        "/socket.io/?EIO=4&transport=polling",
        "/socket.io/?EIO=3&transport=polling",
        "/socket.io/?EIO=4&transport=polling&sid=x",
    ):
        answer = requests.get(server.url + path, headers={"X-Request-ID": "mine"}, timeout=5)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Request-ID"] == "mine"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture(scope="module", params=[WSGI, GUNICORN], ids=["own", "gunicorn"])
def behind_a_proxy(
    app: Flask, settings: Settings, folder: Path, request: pytest.FixtureRequest
) -> Iterator[Server]:
    variables = {
        "TRUSTED_PROXIES": "1",
        "PUBLIC_URL": "https://chat.example.org",
        "RATE_LIMITS": "on",
    }
    with new_chat(folder, settings.mongo_uri, request.param, **variables) as server:
        yield server


def forwarded(address: str) -> dict[str, str]:
    return {
        "X-Forwarded-For": f"192.0.2.1, {address}",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "chat.example.org",
    }


def test_behind_a_proxy_sockets_are_counted_by_the_client_and_not_by_the_proxy(
    behind_a_proxy: Server,
) -> None:
    """They counted for the proxy's address once: one client's thousand locked everybody out."""
    url, http = f"{behind_a_proxy.url}/socket.io/?EIO=4&transport=polling", requests.Session()

    def session(address: str) -> str:
        answer = http.get(url, headers=forwarded(address), timeout=5)
        assert answer.status_code == 200
        return f"{url}&sid={json.loads(answer.text[1:])['sid']}"

    bob = session("203.0.113.9")
    for number in range(1_001):
        last = session("198.51.100.7")
        if number == 0:
            first = last
    assert (
        http.get(first, headers=forwarded("198.51.100.7"), timeout=5).json()["message"]
        == "Session ID unknown"
    )
    for address, is_there in (("198.51.100.7", last), ("203.0.113.9", bob)):
        assert http.post(is_there, data="40", headers=forwarded(address), timeout=5).text == "ok"
    assert (
        http.get(
            f"{behind_a_proxy.url}/login", headers=forwarded("203.0.113.9"), timeout=5
        ).status_code
        == 200
    )


def test_behind_a_proxy_the_host_is_what_the_proxy_was_asked_for(behind_a_proxy: Server) -> None:
    for headers, status in (
        (forwarded("203.0.113.9"), 200),
        ({"Host": "chat.example.org"}, 200),
        ({"Host": "chat.example.org:443"}, 200),
        ({}, 421),
        (forwarded("203.0.113.9") | {"X-Forwarded-Host": EVIL}, 421),
    ):
        answer = requests.get(f"{behind_a_proxy.url}/login", headers=headers, timeout=5)
        assert answer.status_code == status, headers
        assert answer.headers["Strict-Transport-Security"]
    assert requests.get(f"{behind_a_proxy.url}/up", timeout=5).status_code == 200
