"""Strangers' requests before authentication: headers, cookies, tokens, paths.

None of them is an unhandled exception.
"""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

import pytest
import requests
import socketio
from flask import Flask

from chat.routes.headers import LONGEST_SEGMENT, IdSegment
from tests.helpers.form_browser import Browser
from tests.helpers.world import World


def part(text: str | bytes) -> str:
    return (
        base64.urlsafe_b64encode(text.encode() if isinstance(text, str) else text)
        .rstrip(b"=")
        .decode()
    )


HEAD = part('{"alg":"HS256","typ":"JWT"}')
TOKENS = [
    "x" * 1_900,
    "." * 1_900,
    f"{part('[' * 1_300)}.{part('{}')}.x",
    f"{HEAD}.{part('[' * 1_300)}.x",
    f"{part(json.dumps({'alg': 'HS256', 'kid': chr(0xD800)}))}.{part('{}')}.x",
    f"{part('{')}.{part('{')}.{part('{')}",
    f"{part('null')}.{part('null')}.x",
    f"{part('1' * 1_300)}.x.x",
    f"{HEAD}.{part('9' * 1_300)}.x",
    f"{HEAD}.{part(bytes(range(256)))}.x",
    f"{part(json.dumps({'alg': ['HS256']}))}.{part('{}')}.x",
    f"{part(json.dumps({'alg': 'none'}))}.{part('{}')}.",
    f"{part(json.dumps({'alg': 'HS256', 'crit': ['x']}))}.{part('{}')}.x",
    f"{part(json.dumps({'alg': 'HS256', 'b64': False}))}..x",
    f"{HEAD}.{part(json.dumps({'sid': {'$ne': 1}, 'exp': 'x', 'iat': [], 'sub': 5}))}"
    f".{part('x' * 32)}",
    "\u00e4\u00ff.x.x",
    "a.b.c.d",
]


@pytest.mark.parametrize(
    "token", TOKENS, ids=lambda token: token[:20].encode("ascii", "replace").decode()
)
def test_a_token_that_is_none_is_refused_at_every_door_and_is_no_defect(
    world: World, token: str
) -> None:
    """The server's log is looked at when it ends: an error in it fails the run."""
    url, raw = world.server.url, token.encode("latin-1", "replace").decode("latin-1")
    access, refresh = (world.server.cookie(name) for name in ("chat_access", "chat_refresh"))
    bearer, cookie = (
        {"Authorization": f"Bearer {raw}"},
        {"Cookie": f"{access}={raw}; {refresh}={raw}"},
    )
    assert requests.get(f"{url}/api/v1/me", headers=bearer, timeout=5).status_code == 401
    assert requests.get(f"{url}/api/v1/me", headers=cookie, timeout=5).status_code == 401
    assert requests.post(f"{url}/api/v1/auth/refresh", headers=bearer, timeout=5).status_code == 401
    assert (
        requests.get(f"{url}/rooms", headers=cookie, timeout=5, allow_redirects=False).status_code
        == 302
    )
    own = {"Origin": url.replace("127.0.0.1", "localhost")} | cookie
    for path in ("/rooms", "/session/refresh", "/logout"):
        assert requests.post(
            url + path, headers=own, timeout=5, allow_redirects=False
        ).status_code in (302, 401, 403), path


@pytest.mark.parametrize(
    "header", ["Authorization", "Cookie", "Origin", "Range", "If-None-Match", "X-CSRF-TOKEN"]
)
def test_a_header_that_is_too_long_is_not_read(world: World, header: str) -> None:
    for path in ("/api/v1/me", "/rooms", "/up"):
        answer = requests.get(
            world.server.url + path,
            headers={header: "Bearer " + "x" * 8_050},
            timeout=5,
            allow_redirects=False,
        )
        assert answer.status_code in (400, 403), (
            path,
            answer.text[:200],
        )  # a foreign Origin is refused before all else


def test_every_part_of_every_path_has_a_bound(app: Flask) -> None:
    """Files of ours are looked up by their name, which is as long as a path may be."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    assert any(rule.arguments for rule in rules)
    for rule in rules:
        for name in rule.arguments - (rule.defaults or {}).keys():
            regex = rule._converters[name].regex
            is_bound = f"1,{LONGEST_SEGMENT}" in regex or regex == IdSegment.regex
            assert is_bound, f"{rule.rule}: {name}"


@pytest.mark.parametrize(
    "segment",
    ["a" * 3_000, "%00", "%ed%a0%80", "%f0%9f", "👍" * 500, ":" * 2_000, "e\u0301\u0327" * 400],
)
def test_whatever_stands_in_a_path_is_answered(world: World, segment: str) -> None:
    room_id = world.room()
    message = world.bob.say(room_id, "hello")
    for path in (
        f"/messages/{message['id']}/reactions/{segment}",
        f"/messages/{segment}/pin",
        f"/rooms/{segment}/read",
    ):
        answer = world.bob.put(path, {"seq": 1})
        assert answer.status_code in (404, 422), (path[:60], answer.status_code)
    assert requests.get(f"{world.server.url}/setup/{segment}", timeout=5).status_code == 404


@pytest.mark.parametrize(
    "bad",
    ["%00", "a%00b", "%ed%a0%80", "%f0%9f%98", "%ff", "9" * 5_000, "-", "1_000", "٣", "[" * 2_000],
)
def test_whatever_stands_in_a_query_is_answered(world: World, bad: str) -> None:
    room_id, bob = world.room(), world.bob
    paths = [
        f"/search?q={bad}",
        f"/search?q=x&from={bad}",
        f"/search?q=x&before={bad}",
        f"/search?q=x&limit={bad}",
        f"/users?q={bad}",
        f"/rooms/browse?q={bad}",
        f"/rooms/browse?after={bad}",
        f"/rooms/{room_id}/messages?before={bad}",
        f"/mentions?before={bad}",
        f"/rooms/{room_id}/members?q={bad}",
        f"/rooms/{room_id}/members?after={bad}",
        f"/rooms/{room_id}/images?before={bad}",
        f"/users/{bob.id}/avatar?size={bad}",
        f"/users/{bob.id}/avatar?v={bad}",
    ]
    for path in paths:
        assert bob.get(path).status_code in (200, 404, 422), path[:60]


def test_a_long_number_in_any_field_of_any_form_is_answered(app: Flask, world: World) -> None:
    pages = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "GET" in rule.methods and not rule.arguments
    }
    bob = Browser(world.server).sign_in(world.bob)
    sent = set()
    for page in sorted(pages):
        for form in re.findall("<form.*?</form>", bob.get(page).text, re.DOTALL):
            action = re.search('^[^>]* action="([^"]*)"', form)
            path = html.unescape(action[1]) if action else page
            fields = re.findall('name="([^"]+)"', form)
            if 'method="post"' not in form or "out" in path or (path, *fields) in sent:
                continue  # out: he would be signed out
            sent.add((path, *fields))
            values = dict.fromkeys({*fields} - {"off", "clear", "usual"}, "9" * 5_000)
            answer = bob.submit(path, follow=False, **values)
            assert answer.status_code < 500, (path, fields)
    assert {"/settings/profile/status", "/settings/notifications/quiet-hours"} < {
        path for path, *_fields in sent
    }


BAD = ["\ud800", "a\udfffb"]


@pytest.mark.parametrize("bad", BAD, ids=ascii)
def test_half_a_character_is_refused_in_every_body_of_the_api(world: World, bad: str) -> None:
    room_id, bob = world.room(), world.bob
    bodies: list[tuple[str, str, Any]] = [
        ("POST", "/rooms", {"name": bad}),
        ("PATCH", "/me", {"display_name": bad}),
        ("PATCH", "/me", {bad: 1}),
        ("POST", f"/rooms/{room_id}/messages", {"client_id": "c", "body": bad}),
        ("POST", f"/rooms/{room_id}/messages", {"client_id": bad, "body": "x"}),
        ("POST", "/direct-rooms", {"user_ids": [{"a": [bad]}]}),
        ("PUT", "/me/password", {"current_password": bad, "new_password": bad + "12345678"}),
        ("POST", "/direct-rooms", [bad]),
    ]
    for method, path, body in bodies:
        answer = bob.ask(
            method, path, data=json.dumps(body), headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_failed"), (
            path,
            body,
            answer.text,
        )
    for path in ("register", "login"):
        for body in (
            {"username": bad, "password": "12345678"},
            {"username": "ada", "password": "12345678" + bad},
        ):
            answer = requests.post(
                f"{world.server.url}/api/v1/auth/{path}",
                data=json.dumps(body),
                headers={"Content-Type": "application/json"},
                timeout=5,
            )
            assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("bad", BAD, ids=ascii)
def test_half_a_character_is_refused_in_every_event(world: World, bad: str) -> None:
    room_id, bob = world.room(), world.bob.listen()
    payloads: list[tuple[str, Any]] = [
        ("message:send", {"room_id": room_id, "client_id": "c", "body": bad}),
        ("message:send", {"room_id": bad}),
        ("message:react", {"id": bad, "emoji": bad, "on": True}),
        ("room:create", {"name": bad}),
        ("search", {"q": bad}),
        ("search", {"q": "x", "from": bad}),
        ("search", {"q": "x", bad: bad}),
        ("presence:ask", {"user_ids": [bad]}),
        ("room:update", {"room_id": room_id, "topic": bad}),
        ("search", {bad: {bad: [bad]}}),
    ]
    for event, payload in payloads:
        answer = bob.call(event, payload)
        assert answer["error"]["code"] == "validation_failed", (event, payload, answer)
    assert bob.call(f"nothing{bad}", {})["error"]["code"] == "bad_request"
    assert bob.call("message:send", {"room_id": room_id, "client_id": "c", "body": "still here"})[
        "ok"
    ]


@pytest.mark.parametrize(
    "token",
    [*TOKENS, "x" * 150_000, "\ud800.x.x", {"a": 1}, ["x"], 5, None],
    ids=lambda token: ascii(token)[:20],
)
def test_a_token_that_is_none_opens_no_socket(world: World, token: Any) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        world.bob.listen(auth={"token": token})
