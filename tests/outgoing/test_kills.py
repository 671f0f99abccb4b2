"""Processes die while an entry is delivered: it comes again, and none is left out."""

from __future__ import annotations

import copy
import os
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import Server, new_chat, tree_of, wait_until
from tests.helpers.webhook_receiver import NETWORK, Receiver, answered
from tests.helpers.world import World


def programs_of(server: Server) -> list[int]:
    """Return the processes that send a server's webhooks."""
    return [
        pid
        for pid in tree_of(server.pid)
        if b"webhooks/worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


@pytest.fixture
def pair(app: Flask, own_settings: Settings, folder: Path) -> Iterator[list[Server]]:
    """Start two processes of one chat."""
    variables = {"WEBHOOK_NETWORKS": NETWORK, "SECRETS_DIR": str(own_settings.secrets_dir)}
    with RedisServer() as redis:
        servers = [
            new_chat(folder, own_settings.mongo_uri, REDIS_URL=redis.url, **variables)
            for _ in range(2)
        ]
        for server in servers:
            server.start()
        yield servers
        for server in servers:
            assert server.process
            if server.process.poll() is None:
                server.stop()


def test_what_was_under_way_comes_again_and_the_rest_in_order(
    app: Flask, pair: list[Server], receiver: Receiver
) -> None:
    let = threading.Event()

    def holds(handler: BaseHTTPRequestHandler) -> int:
        let.wait(30)
        answered(handler, 204)
        return 0  # nobody is there any more who hears it

    with app.app_context():
        world = World(pair[0])
        room_id = world.room()
        box = receiver.hooked(world.alice, room_id, 204, holds, holds)
        world.alice.say(room_id, "heliotrope")
        box.wait()
        delivers, other = sorted(pair, key=programs_of, reverse=True)
        alice = copy.copy(world.alice)
        alice.server = other
        alice.say(room_id, "gamboge")
        wait_until(lambda: len(box.received) == 2, "the second entry is under way")
        (program,) = programs_of(delivers)
        os.kill(program, signal.SIGKILL)
        wait_until(lambda: len(box.received) == 3, "another program sends it")
        alice.say(room_id, "zaffre")
        assert delivers.process
        os.kill(delivers.pid, signal.SIGKILL)
        delivers.process.wait(10)
        let.set()
        taken = box.wait(3)
    assert [each.entry[1] for each in taken] == [1, 2, 3]
    assert [each.entry[1] for each in box.received] == [1, 2, 2, 2, 3]
    assert len({each.id for each in box.received[1:4]}) == 1
