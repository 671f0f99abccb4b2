"""Processes die between a message and its push: it is pushed all the same, and shown once."""

from __future__ import annotations

import copy
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from chat.controllers import messages
from chat.models.document import id_from
from chat.models.user import User
from config import Settings
from tests.helpers.push_service import PushService, subscribed
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.world import Person, World

SENDS = "this process sends push messages now"


@pytest.fixture
def pair(
    app: Flask, push_settings: Settings, folder: Path, service: PushService
) -> Iterator[list[Server]]:
    """Start two processes of one chat, of which one sends; yield that one first."""
    variables = service.variables | {"SECRETS_DIR": str(push_settings.secrets_dir)}
    with RedisServer() as redis:
        servers = [
            new_chat(folder, push_settings.mongo_uri, REDIS_URL=redis.url, **variables)
            for _ in range(2)
        ]
        for server in servers:
            server.start()
        yield servers
        for server in servers:
            assert server.process
            if server.process.poll() is None:
                server.process.send_signal(signal.SIGCONT)
                server.stop()


def sending(servers: list[Server]) -> list[Server]:
    """Return the servers, the one first that sends."""
    wait_until(lambda: any(SENDS in server.log.read_text() for server in servers), "one sends")
    times = {}
    for server in servers:
        lines = [line for line in server.log.read_text().splitlines() if SENDS in line]
        times[server.port] = max((json.loads(line)["at"] for line in lines), default="")
    return sorted(servers, key=lambda server: times[server.port], reverse=True)


def through(person: Person, server: Server) -> Person:
    """Return the same person, whose requests go to this process."""
    same = copy.copy(person)
    same.server = server
    return same


def kill(server: Server) -> None:
    assert server.process
    os.kill(server.pid, signal.SIGKILL)
    server.process.wait(10)


def test_the_sender_dies_between_a_message_and_its_push(
    app: Flask, pair: list[Server], service: PushService
) -> None:
    with app.app_context():
        world = World(pair[0])
        room_id = world.room()
        browser = subscribed(world.bob, service)
        sender, other = sending(pair)
        alice = through(world.alice, other)
        os.kill(sender.pid, signal.SIGSTOP)  # so the message is stored, and not pushed
        message = alice.say(room_id, f"@{world.bob.username} zaffre")
        kill(sender)
        assert browser.wait()[0].says["tag"] == message["id"]
        later = alice.say(room_id, f"@{world.bob.username} gamboge")
        assert [each.says["tag"] for each in browser.wait(2)] == [message["id"], later["id"]]


def test_the_process_dies_that_took_the_message(
    app: Flask, pair: list[Server], service: PushService
) -> None:
    with app.app_context():
        world = World(pair[0])
        room_id = world.room()
        browser = subscribed(world.bob, service)
        sender, other = sending(pair)
        message = through(world.alice, other).say(room_id, f"@{world.bob.username} zaffre")
        kill(other)
        browser.wait()
        later = through(world.alice, sender).say(room_id, f"@{world.bob.username} gamboge")
        assert [each.says["tag"] for each in browser.wait(2)] == [message["id"], later["id"]]


def test_a_message_whose_answer_the_sender_did_not_live_to_hear_replaces_itself(
    app: Flask, pair: list[Server], service: PushService
) -> None:
    with app.app_context():
        world = World(pair[0])
        room_id = world.room()
        browser = subscribed(world.bob, service)
        sender, other = sending(pair)
        service.held[browser.name] = threading.Event()
        through(world.alice, other).say(room_id, f"@{world.bob.username} zaffre")
        first = browser.wait()[0]
        kill(sender)
        service.held.pop(browser.name).set()
        second = browser.wait(2)[1]
        assert first.headers["topic"] == second.headers["topic"]
        assert first.says["tag"] == second.says["tag"]


def test_a_message_that_was_stored_when_the_only_process_died_is_pushed_by_the_next_one(
    app: Flask, push_settings: Settings, folder: Path, service: PushService
) -> None:
    variables = service.variables | {"SECRETS_DIR": str(push_settings.secrets_dir)}
    server = new_chat(folder, push_settings.mongo_uri, **variables).start()
    with app.app_context():
        world = World(server)
        room_id = world.room()
        browser = subscribed(world.bob, service)
        sending([server])
        kill(server)
        alice = User.find(id_from(world.alice.id))
        assert alice
        body = f"@{world.bob.username} zaffre"
        message, _ = messages.post(alice, room_id, body=body, client_id="c1", image_ids=[])
        with server:
            assert browser.wait()[0].says["tag"] == str(message.id)
            later = world.alice.say(room_id, body)
            assert browser.wait(2)[1].says["tag"] == later["id"]
