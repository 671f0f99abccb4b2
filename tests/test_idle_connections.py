"""A chat whose idle connections to its database and queue are closed by a server or a firewall."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from config import Settings
from tests.faults.lines import Lines, for_inserts, idle, through
from tests.faults.proxy import Which
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.world import World

REST_SECONDS = 1.2  # more than the second within which a connection is taken for open


@pytest.fixture(scope="module")
def chat(
    app: Flask, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Lines]]:
    """Start a chat whose connections to its database and its Redis can be dropped."""
    database = urlsplit(settings.mongo_uri or "")
    with RedisServer() as redis:
        lines = Lines(database.port or 0, redis.port)
        to_database = through(settings.mongo_uri or "", lines.ports[0])
        to_redis = f"redis://127.0.0.1:{lines.ports[1]}/0"
        folder = tmp_path_factory.mktemp("idle")
        with new_chat(folder, to_database, RATE_LIMITS="on", REDIS_URL=to_redis) as server:
            yield server, lines
        lines.stop()


@pytest.fixture
def there(app: Flask, chat: tuple[Server, Lines]) -> Iterator[World]:
    with app.app_context():
        world = World(chat[0])
        yield world
        world.hang_up()


@pytest.mark.parametrize("which", [idle, for_inserts])
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_what_comes_first_after_a_rest_is_taken_though_every_idle_connection_was_dropped(
    chat: tuple[Server, Lines], there: World, reset: bool, which: Which
) -> None:
    lines = chat[1]
    alice, room_id = there.alice, there.room()
    heard = alice.listen()
    doors = {
        "the API": lambda: (
            alice.post(
                f"/rooms/{room_id}/messages", {"client_id": secrets.token_hex(8), "body": "done"}
            ).status_code
            == 201
        ),
        "the socket": lambda: heard.call(
            "message:send", {"room_id": room_id, "client_id": secrets.token_hex(8), "body": "done"}
        )["ok"],
        "reading": lambda: alice.get(f"/rooms/{room_id}/messages").status_code == 200,
        "searching": lambda: alice.get("/search", params={"q": "done"}).status_code == 200,
        "signing in": lambda: (
            requests.post(
                f"{alice.server.url}/api/v1/auth/login",
                json={"username": alice.username, "password": "wrong"},
                timeout=20,
            ).status_code
            == 401
        ),
    }
    for name, door in doors.items():
        assert door(), f"{name}, while all is well"
    for name, door in doors.items():
        time.sleep(REST_SECONDS)
        lines.hang_up(which, reset=reset)
        assert door(), (
            f"{name}, after its connections were dropped; "
            f"the log ends: {alice.server.log.read_text()[-800:]}"
        )


def test_whoever_is_told_unavailable_finds_why_in_the_log(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    there = urlsplit(settings.mongo_uri or "")
    lines = Lines(there.port or 0)
    to_database = through(settings.mongo_uri or "", lines.ports[0])
    with new_chat(tmp_path, to_database, RATE_LIMITS="on") as server:
        with app.app_context():
            alice = World(server).alice
        lines.stop()
        answer = requests.get(
            f"{server.url}/api/v1/rooms",
            headers={"Authorization": f"Bearer {alice.access_token}"},
            timeout=20,
        )
        assert answer.status_code == 503
        request_id = answer.json()["error"]["request_id"]
        wait_until(lambda: request_id in server.log.read_text(), "the log tells of it")
        line = next(line for line in server.log.read_text().splitlines() if request_id in line)
        assert '"reason":"' in line
        assert "127.0.0.1" in line
