"""A request counts when all of it is there: by the session and role that its sender has then."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

import orjson

from tests.helpers.authenticator import Authenticator
from tests.helpers.form_browser import Browser
from tests.helpers.raw_http import open_line, read_answer
from tests.helpers.world import PASSWORD, Person, World

Finish = Callable[[], int]


def held(world: World, method: str, path: str, body: bytes, **headers: str) -> Finish:
    """Send a request but for the end of its body. Return what sends it, and returns the status."""
    line = open_line(world.server.port, 20)
    named = {"Content_Length": str(len(body)), "Host": f"127.0.0.1:{world.server.port}"} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    line.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body[:5])
    time.sleep(0.3)  # the chat authenticates the request; if it is slower, the test proves less

    def finish() -> int:
        with line:
            line.sendall(body[5:])
            return read_answer(line).status

    return finish


def held_json(person: Person, method: str, path: str, body: object) -> Finish:
    return held(
        person.world,
        method,
        f"/api/v1{path}",
        orjson.dumps(body),
        Authorization=f"Bearer {person.access_token}",
        Content_Type="application/json",
    )


def cookies_of(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())


def second_admin(world: World) -> Person:
    changed = world.alice.patch(f"/admin/users/{world.bob.id}", {"role": "administrator"})
    assert changed.status_code == 200, changed.text
    return world.bob


def test_a_request_that_ends_after_its_sender_was_deactivated_is_refused(world: World) -> None:
    bob = second_admin(world)
    room_id = world.room()
    own = {"role": "administrator", "deactivated": False}
    requests = [
        held_json(bob, "PATCH", f"/admin/users/{bob.id}", own),
        held_json(bob, "POST", f"/rooms/{room_id}/messages", {"client_id": "1", "body": "hello"}),
        held_json(
            bob,
            "PUT",
            "/me/password",
            {"current_password": PASSWORD, "new_password": "four quiet herons waiting"},
        ),
    ]
    changes = {"role": "member", "deactivated": True}
    assert world.alice.patch(f"/admin/users/{bob.id}", changes).status_code == 200
    assert [finish() for finish in requests] == [401, 401, 401]
    found = world.alice.get(f"/admin/users?q={bob.username}&state=all").json()["users"]
    (account,) = found
    assert (account["is_admin"], account["deactivated_at"] is None) == (False, False)


def test_a_request_that_ends_after_its_sender_lost_a_role_is_refused(world: World) -> None:
    bob = second_admin(world)
    finish = held_json(bob, "PATCH", f"/admin/users/{bob.id}", {"role": "administrator"})
    assert world.alice.patch(f"/admin/users/{bob.id}", {"role": "member"}).status_code == 200
    assert finish() == 403


def test_a_form_that_ends_after_its_sender_was_deactivated_is_refused(world: World) -> None:
    bob = second_admin(world)
    browser = Browser(world.server).sign_in(bob)
    page = f"/admin/people/{world.carol.id}/reset-link"
    csrf = browser.http.cookies[world.server.cookie("chat_csrf")]
    finish = held(
        world,
        "POST",
        page,
        urlencode({"csrf_token": csrf}).encode(),
        Content_Type="application/x-www-form-urlencoded",
        Cookie=cookies_of(browser),
        Origin=world.server.url,
    )
    assert world.alice.patch(f"/admin/users/{bob.id}", {"deactivated": True}).status_code == 200
    assert finish() == 302  # to the page that signs in
    made = world.alice.get("/admin/audit?action=account.reset-link").json()["entries"]
    assert world.carol.id not in str(made)


def test_a_body_that_takes_long_to_arrive_uses_up_no_time_of_the_database(world: World) -> None:
    room_id = world.room()
    Authenticator(world.carol)
    visitor = Browser(world.server)
    visitor.submit("/login", username=world.carol.username, password=PASSWORD)
    post = held_json(
        world.bob, "POST", f"/rooms/{room_id}/messages", {"client_id": "1", "body": "hello"}
    )
    code = held(
        world,
        "POST",
        "/login/code",
        b"otp=wrong",
        Content_Type="application/x-www-form-urlencoded",
        Cookie=cookies_of(visitor),
        Origin=world.server.url,
    )
    time.sleep(3.5)  # longer than an operation may take
    world.bob.patch("/me", {"display_name": "Bob again"})  # so he is read from the database
    world.carol.patch("/me", {"display_name": "Carol again"})
    assert post() == 201
    assert code() == 401
