"""The chat under gunicorn's eventlet worker, configured by gunicorn.conf.py."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from chat.models.document import Id
from chat.models.log import log_of
from config import Settings
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import GUNICORN, children_of, new_chat, wait_until
from tests.helpers.world import World


@pytest.fixture
def under_gunicorn(app: Flask, settings: Settings, folder: Path) -> Iterator[World]:
    with new_chat(folder, settings.mongo_uri, GUNICORN) as server, app.app_context():
        world = World(server)
        yield world
        world.hang_up()
        assert server.stop() == 0


def test_people_talk_under_gunicorn_as_under_the_servers_own_loop(under_gunicorn: World) -> None:
    world = under_gunicorn
    room_id = world.room()
    alice, bob = world.alice.listen(), world.bob.listen()
    for number in range(50):
        assert bob.call(
            "message:send", {"room_id": room_id, "client_id": f"c{number}", "body": f"{number}"}
        )["ok"]
    world.alice.say(room_id, "by API")
    for heard in (alice, bob):
        while heard.next("message:posted")["seq"] < 51:
            pass
        assert [entry["seq"] for entry in heard.all("message:posted")] == list(range(1, 52))
    assert world.mallory.get(f"/rooms/{room_id}/messages").status_code == 404
    assert world.bob.post("/auth/logout").status_code == 204, (
        "a POST without a body is no wrong type"
    )
    wait_until(lambda: not bob.client.connected, "Bob's socket is closed")


def test_two_workers_behind_one_port_are_one_chat_and_a_dead_one_is_replaced(
    app: Flask, settings: Settings, folder: Path
) -> None:
    with RedisServer() as redis:
        several = {"WORKERS": "2", "REDIS_URL": redis.url}
        with (
            new_chat(folder, settings.mongo_uri, GUNICORN, **several) as server,
            app.app_context(),
        ):
            world = World(server)
            room_id = world.room()
            dead, *_ = workers = children_of(server.pid)
            assert len(workers) == 2
            heard = [world.alice.listen() for _ in range(12)]
            for number in range(10):
                world.bob.say(room_id, f"{number}")
            for listener in heard:
                wait_until(
                    lambda listener=listener: len(listener.all("message:posted")) == 10,
                    "all hear all, whoever holds their line",
                )
            os.kill(dead, signal.SIGKILL)
            wait_until(
                lambda: len(set(children_of(server.pid)) - {dead}) == 2,
                "another takes its place",
                10,
            )
            late = [world.alice.listen() for _ in range(6)]
            world.bob.say(room_id, "after it")
            for listener in late:
                assert listener.next("message:posted")["message"]["body"] == "after it"
            world.hang_up()
            assert server.stop() == 0


def test_a_worker_whose_master_was_killed_ends_and_gives_the_port_back(
    app: Flask, settings: Settings, folder: Path
) -> None:
    """Without gunicorn.conf.py's watch the orphan would hold the port, and the next start fail."""
    server = new_chat(folder, settings.mongo_uri, GUNICORN).start()
    (worker,) = children_of(server.pid)
    server.stop(signal.SIGKILL)
    try:
        wait_until(lambda: not is_running(worker), "the worker ends", 6)
    finally:
        if is_running(worker):
            os.kill(worker, signal.SIGKILL)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", server.port))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_stop_sends_sockets_elsewhere_and_finishes_what_was_begun(under_gunicorn: World) -> None:
    world = under_gunicorn
    room_id = world.room()
    bob = world.bob.listen()
    reasons: list[object] = []
    bob.client.on("disconnect", reasons.append)
    answers: list[object] = []
    for number in range(5):
        sent = {"room_id": room_id, "client_id": f"c{number}", "body": f"{number}"}
        bob.client.emit("message:send", sent, callback=lambda answer: answers.append(answer["ok"]))
    wait_until(lambda: answers, "the first is done")
    assert world.server.process
    world.server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: reasons, "the line is closed", 8)
    assert reasons[0] in ("transport close", "transport error"), (
        "and not by the server's word, after which clients stay away"
    )
    assert len(world_messages(world, room_id)) >= len(answers)


def world_messages(world: World, room_id: str) -> list[object]:
    """Return the room's messages from the database, because the server is stopping."""
    return list(log_of(Id(room_id)).entries(0, 100))
