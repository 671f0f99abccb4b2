"""Webhooks of a chat whose database is slow: what one process delivers, no other one does."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from chat.models.outgoing_webhook import MOST
from config import Settings
from tests.faults.lines import Lines, through
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import new_chat
from tests.helpers.webhook_receiver import NETWORK, Receiver
from tests.helpers.world import World

DELAY = 0.03  # seconds, of each command


def test_a_slow_database_lets_no_other_process_deliver_the_same(
    app: Flask, own_settings: Settings, folder: Path, receiver: Receiver
) -> None:
    uri = own_settings.mongo_uri or ""
    lines = Lines(urlsplit(uri).port or 0)
    slow = through(uri, lines.ports[0])
    variables = {"WEBHOOK_NETWORKS": NETWORK, "SECRETS_DIR": str(own_settings.secrets_dir)}
    with RedisServer() as redis, app.app_context():
        one, other = (new_chat(folder, slow, REDIS_URL=redis.url, **variables) for _ in range(2))
        with one, other:
            world = World(one)
            room_id = world.room()
            boxes = [receiver.hooked(world.alice, room_id) for _ in range(MOST)]
            lines.slow_down(DELAY)
            for word in ("heliotrope", "gamboge"):
                world.alice.say(room_id, word)
            for box in boxes:
                box.wait(2, seconds=60)
            came = [len(box.received) for box in boxes]
            logged = one.log.read_text() + other.log.read_text()
            lines.slow_down(0)
    lines.stop()
    assert came == [2] * MOST, "nothing comes twice"
    assert logged.count("this process delivers webhooks now") == 1
