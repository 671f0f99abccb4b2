"""The chat under gunicorn's eventlet worker, as gunicorn.conf.py sets it up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.conftest import SECRETS
from tests.servers import Server, free_port
from tests.world import World


@pytest.fixture
def under_gunicorn(app: Flask, settings: Settings, folder: Path) -> Iterator[World]:
    environment = {**SECRETS, "MONGO_URI": settings.mongo_uri, "DATA_DIR": str(folder / "gunicorn"), "RATE_LIMITS": "off"}
    command = ("-m", "gunicorn", "-c", "gunicorn.conf.py")
    server = Server(free_port(), environment, folder / "gunicorn.log", command).start()
    with app.app_context():
        world = World(server)
        yield world
        world.hang_up()
    assert server.stop() == 0


def test_people_talk_under_gunicorn_as_under_the_servers_own_loop(under_gunicorn: World) -> None:
    world = under_gunicorn
    room_id = world.room()
    alice, bob = world.alice.listen(), world.bob.listen()
    for number in range(50):
        assert bob.call("message:send", {"room_id": room_id, "client_id": f"c{number}", "body": f"{number}"})["ok"]
    world.alice.say(room_id, "by API")
    for heard in (alice, bob):
        while heard.next("message:posted")["seq"] < 51:
            pass
        assert [entry["seq"] for entry in heard.all("message:posted")] == list(range(1, 52))
    assert world.mallory.get(f"/rooms/{room_id}/messages").status_code == 404
    assert world.bob.post("/auth/logout").status_code == 204, "a POST without a body is no wrong type"
    assert not bob.client.connected or bob.hears_nothing_of("message:posted", "nowhere", 0.5)
    assert not bob.client.connected
