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

from chat.utils.outward.lines import OF_AN_OWNER
from config import Settings
from tests.helpers.kills import webhook_programs
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import Server, new_chat, wait_until
from tests.helpers.webhook_receiver import NETWORK, Receiver, answered
from tests.helpers.world import World


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
        delivers, other = sorted(pair, key=lambda each: webhook_programs(each.pid), reverse=True)
        alice = copy.copy(world.alice)
        alice.server = other
        alice.say(room_id, "gamboge")
        wait_until(lambda: len(box.received) == 2, "the second entry is under way")
        (program,) = webhook_programs(delivers.pid)
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


@pytest.mark.parametrize("victim", ["program", "server"])
def test_after_a_crash_a_quick_receiver_waits_for_no_slow_one(
    app: Flask, pair: list[Server], receiver: Receiver, victim: str
) -> None:
    let = threading.Event()

    def holds(handler: BaseHTTPRequestHandler) -> int:
        let.wait(30)
        return 0

    with app.app_context():
        world = World(pair[0])
        room_id = world.room()
        # One address in several forms: to the chat these are several servers. Their webhooks are
        # older, so they are asked first.
        hosts = [f"127.0.0.{'0' * number}1" for number in range(1, OF_AN_OWNER + 1)]
        slow = [receiver.hooked(world.alice, room_id, holds, holds, host=host) for host in hosts]
        quick = receiver.hooked(world.alice, room_id)
        world.alice.say(room_id, "heliotrope")
        quick.wait()
        wait_until(lambda: all(box.received for box in slow), "the slow ones hold their lines")
        delivers, other = sorted(pair, key=lambda each: webhook_programs(each.pid), reverse=True)
        if victim == "program":
            os.kill(*webhook_programs(delivers.pid), signal.SIGKILL)
        else:
            assert delivers.process
            delivers.process.kill()
            delivers.process.wait(10)
        wait_until(lambda: all(len(box.received) == 2 for box in slow), "they hold them again")
        alice = copy.copy(world.alice)
        alice.server = other
        alice.say(room_id, "gamboge")
        gamboge = quick.wait(2)[1]
        assert gamboge.at - max(box.received[1].at for box in slow) < 4, "before any of them ended"
        let.set()
