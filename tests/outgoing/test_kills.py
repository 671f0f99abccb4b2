"""Processes die while an entry is delivered: it comes again, and none is left out."""

from __future__ import annotations

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from flask import Flask

from config import Settings
from tests.helpers.servers import Server, new_chat, tree_of, wait_until
from tests.helpers.webhook_receiver import NETWORK, Receiver, answered
from tests.helpers.world import World


def program_of(server: Server) -> int:
    """Return the process that sends a server's webhooks."""
    (found,) = (
        pid
        for pid in tree_of(server.pid)
        if b"webhooks/worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    return found


def test_what_was_under_way_comes_again_and_the_rest_in_order(
    app: Flask, own_settings: Settings, folder: Path, receiver: Receiver
) -> None:
    variables = {"WEBHOOK_NETWORKS": NETWORK, "SECRETS_DIR": str(own_settings.secrets_dir)}
    server = new_chat(folder, own_settings.mongo_uri, **variables).start()
    let = threading.Event()

    def holds(handler: BaseHTTPRequestHandler) -> int:
        let.wait(30)
        answered(handler, 204)
        return 0  # nobody is there any more who hears it

    with app.app_context():
        world = World(server)
        room_id = world.room()
        box = receiver.hooked(world.alice, room_id, 204, holds, holds)
        world.alice.say(room_id, "heliotrope")
        box.wait()
        world.alice.say(room_id, "gamboge")
        wait_until(lambda: len(box.received) == 2, "the second entry is under way")
        os.kill(program_of(server), signal.SIGKILL)
        wait_until(lambda: len(box.received) == 3, "another program sends it")
        world.alice.say(room_id, "zaffre")
        assert server.process
        os.kill(server.pid, signal.SIGKILL)
        server.process.wait(10)
        let.set()
        with server:
            taken = box.wait(3)
    assert [each.entry[1] for each in taken] == [1, 2, 3]
    assert [each.entry[1] for each in box.received] == [1, 2, 2, 2, 3]
    assert len({each.id for each in box.received[1:4]}) == 1
