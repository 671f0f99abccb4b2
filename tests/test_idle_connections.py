"""A chat whose idle connections to its database and its queue are closed by somebody else: a server, a balancer, a firewall."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from config import Settings
from tests.faults.proxy import Line, Proxy, Which
from tests.redis_server import RedisServer
from tests.servers import SECRETS, Server, free_port, wait_until
from tests.world import World

REST_SECONDS = 1.2  # more than the second within which a connection is taken for open


class Lines:
    """The chat's connections to its servers, each through a proxy that runs in a loop of its own."""

    def __init__(self, *ports: int):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._proxies = [Proxy(port) for port in ports]
        self.ports = [self._run(self._start(proxy)) for proxy in self._proxies]

    def hang_up(self, which: Which, *, reset: bool) -> None:
        self._run(self._hang_up(which, reset))

    def stop(self) -> None:
        for proxy in self._proxies:
            self._run(proxy.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _start(self, proxy: Proxy) -> int:
        return int((await proxy.start()).url.rpartition(":")[2])

    async def _hang_up(self, which: Which, reset: bool) -> None:
        for proxy in self._proxies:
            proxy.hang_up(which, reset=reset)
        await asyncio.sleep(0.1)  # asyncio closes a socket in the next round of its loop

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


def not_watching(line: Line) -> bool:
    """All but the driver's own watch over its servers, which is never idle and would notice for all others."""
    return b"topologyVersion" not in line.last


def for_inserts(line: Line) -> bool:
    """The one that rests longest: reading goes on by itself on others, and would notice for it."""
    return b"insert" in line.last


def _through(settings: Settings, port: int) -> str:
    """The database's URI with a proxy's port; a direct connection, or the driver goes where the server says that it is."""
    uri = settings.mongo_uri or ""
    return uri.replace(f":{urlsplit(uri).port}/", f":{port}/") + "&directConnection=true"


@pytest.fixture
def chat(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[tuple[World, Lines]]:
    redis, there = RedisServer().start(), urlsplit(settings.mongo_uri or "")
    lines = Lines(there.port or 0, redis.port)
    environment = {
        **SECRETS, "DATA_DIR": str(tmp_path), "RATE_LIMITS": "on",
        "MONGO_URI": _through(settings, lines.ports[0]),
        "REDIS_URL": f"redis://127.0.0.1:{lines.ports[1]}/0",
    }
    server = Server(free_port(), environment, tmp_path / "log").start()
    with app.app_context():
        world = World(server)
        yield world, lines
        world.hang_up()
    server.stop()
    lines.stop()
    redis.kill()


@pytest.mark.parametrize("which", [not_watching, for_inserts])
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_what_comes_first_after_a_rest_is_taken_though_every_idle_connection_was_dropped(
    chat: tuple[World, Lines], reset: bool, which: Which
) -> None:
    world, lines = chat
    alice, room_id = world.alice, world.room()
    heard = alice.listen()
    doors = {
        "the API": lambda: alice.post(f"/rooms/{room_id}/messages", {"client_id": secrets.token_hex(8), "body": "done"}).status_code == 201,
        "the socket": lambda: heard.call(
            "message:send", {"room_id": room_id, "client_id": secrets.token_hex(8), "body": "done"}
        )["ok"],
        "reading": lambda: alice.get(f"/rooms/{room_id}/messages").status_code == 200,
        "searching": lambda: alice.get("/search", params={"q": "done"}).status_code == 200,
        "signing in": lambda: requests.post(
            f"{alice.server.url}/api/v1/auth/login", json={"username": alice.username, "password": "wrong"}, timeout=20
        ).status_code == 401,
    }
    for name, door in doors.items():
        assert door(), f"{name}, while all is well"
    for name, door in doors.items():
        threading.Event().wait(REST_SECONDS)
        lines.hang_up(which, reset=reset)
        assert door(), f"{name}, after its connections were dropped; the log ends: {alice.server.log.read_text()[-800:]}"


def test_whoever_is_told_unavailable_finds_why_in_the_log(app: Flask, settings: Settings, tmp_path: Path) -> None:
    there = urlsplit(settings.mongo_uri or "")
    lines = Lines(there.port or 0)
    environment = {**SECRETS, "DATA_DIR": str(tmp_path), "MONGO_URI": _through(settings, lines.ports[0])}
    server = Server(free_port(), environment, tmp_path / "log").start()
    try:
        with app.app_context():
            alice = World(server).alice
        lines.stop()
        answer = requests.get(f"{server.url}/api/v1/rooms", headers={"Authorization": f"Bearer {alice.access_token}"}, timeout=20)
        assert answer.status_code == 503
        request_id = answer.json()["error"]["request_id"]
        wait_until(lambda: request_id in server.log.read_text(), "the log tells of it")
        line = next(line for line in server.log.read_text().splitlines() if request_id in line)
        assert '"reason":"' in line
        assert "127.0.0.1" in line
    finally:
        server.stop()
