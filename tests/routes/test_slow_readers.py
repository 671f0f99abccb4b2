"""A client that requests much and reads nothing delays nobody else.

Nor does one that requests more at a time than the chat answers.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from chat import extensions
from chat.controllers import budgets
from chat.models.document import Id, id_from
from chat.models.room import Room
from chat.models.user import User
from chat.routes import streaming
from chat.utils.turns import Turns
from config import Settings
from tests.helpers.chatter import fill
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.world import World

REQUESTS, LARGEST_GROWTH = 15, 30_000_000


@pytest.fixture
def limited_server(app: Flask, settings: Settings, folder: Path) -> Iterator[Server]:
    with new_chat(folder, settings.mongo_uri, RATE_LIMITS="on") as running:
        yield running


def large_room(world: World, count: int) -> str:
    room_id = world.room()
    room, carol = Room.find(_id(room_id)), User.find(_id(world.carol.id))
    assert room
    assert carol
    fill(room, [carol], ["&a" * 4_000] * count)
    return room_id


def _id(text: str) -> Id:
    found = id_from(text)
    assert found
    return found


def memory_of(server: Server) -> int:
    """Return the resident bytes of the process."""
    pages = Path(f"/proc/{server.pid}/statm").read_text().split()[1]
    return int(pages) * 4096


def ask_without_reading(server: Server, path: str, token: str) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    client.sendall(
        (
            f"GET /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
    )
    return client


def test_fifteen_requests_whose_sender_reads_nothing_take_no_memory_to_speak_of(
    world: World, limited_server: Server
) -> None:
    room_id = large_room(world, 200)
    path = f"/rooms/{room_id}/log?limit=500"
    for _ in range(3):  # what the first ones load stays
        answer = requests.get(
            f"{limited_server.url}/api/v1{path}",
            headers={"Authorization": f"Bearer {world.bob.access_token}"},
            timeout=20,
        )
        assert 900_000 < len(answer.content) < 1_010_000
    before, most = memory_of(limited_server), 0
    clients = [
        ask_without_reading(limited_server, path, world.bob.access_token) for _ in range(REQUESTS)
    ]
    end = time.monotonic() + 4
    while time.monotonic() < end:
        most = max(most, memory_of(limited_server))
        time.sleep(0.05)
    assert most - before < LARGEST_GROWTH, f"{(most - before) / 1e6:.0f} MB"
    assert world.carol.get("/me").ok, "and others are answered"
    for client in clients:
        client.close()


def test_the_fifth_request_of_a_person_waits_and_others_do_not(
    limited: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(4, waiting=1, seconds=0.05)
    monkeypatch.setattr(streaming, "_answers", turns)
    client = limited.test_client()

    def status(token: str) -> int:
        return client.get(
            "/api/v1/me", headers={"Authorization": f"Bearer {token}"}, buffered=True
        ).status_code

    bob = _id(world.bob.id)
    assert [status(world.bob.access_token) for _ in range(6)] == [200] * 6, "one after another"
    for _ in range(4):
        turns.take(bob)
    refused = client.get(
        "/api/v1/me", headers={"Authorization": f"Bearer {world.bob.access_token}"}, buffered=True
    )
    assert (refused.status_code, refused.json["error"]["code"], refused.headers["Retry-After"]) == (
        429,
        "rate_limited",
        "1",
    )
    assert _page_status(limited, world.bob.access_token) == 429
    assert status(world.carol.access_token) == 200
    turns.give_back(bob)
    assert status(world.bob.access_token) == 200
    for _ in range(3):
        turns.give_back(bob)
    assert turns._lines == {}, "what was answered, or refused, holds no turn"


def test_a_turn_ends_when_all_is_sent_and_not_before(
    limited: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(4, waiting=1, seconds=0.05)
    monkeypatch.setattr(streaming, "_answers", turns)
    room_id = large_room(world, 60)
    headers = {"Authorization": f"Bearer {world.bob.access_token}"}
    answer = limited.test_client().get(
        f"/api/v1/rooms/{room_id}/messages", headers=headers, buffered=False
    )
    assert turns._lines, "it is under way"
    answer.close()
    wait_until(lambda: not turns._lines, "it has ended")


def test_what_is_answered_is_charged_and_refused_when_it_is_too_much(
    limited: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = large_room(world, 60)
    tight = budgets.Budget(budgets.parse("2000000 per minute"), step=100_000)
    monkeypatch.setitem(budgets._budgets, "bytes answered", tight)
    client, headers = limited.test_client(), {"Authorization": f"Bearer {world.bob.access_token}"}
    statuses = [
        client.get(f"/api/v1/rooms/{room_id}/messages", headers=headers, buffered=True).status_code
        for _ in range(4)
    ]
    assert statuses == [200, 200, 200, 429], (
        "what passes the budget is answered, what comes after is not"
    )
    assert (
        client.get(
            "/api/v1/me", headers={"Authorization": f"Bearer {world.carol.access_token}"}
        ).status_code
        == 200
    )
    assert extensions.settings().rate_limits


def _page_status(app: Flask, token: str) -> int:
    browser = app.test_client()
    browser.set_cookie(f"chat_access{extensions.settings().cookie_suffix}", token)
    return browser.get("/rooms", buffered=True).status_code
