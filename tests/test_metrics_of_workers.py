"""Two workers behind one port: a scrape that reaches either tells of both."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from config import Settings
from tests.helpers.metrics import scrape, value
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import GUNICORN, WSGI, Server, children_of, new_chat, wait_until
from tests.helpers.world import World

SCRAPES = 24  # that one of two workers is asked none of them happens once in eight million runs
SENDS = 40


@pytest.fixture(params=[WSGI, GUNICORN], ids=["wsgi.py", "gunicorn"])
def world(
    request: pytest.FixtureRequest, app: Flask, settings: Settings, folder: Path
) -> Iterator[World]:
    with (
        RedisServer() as redis,
        new_chat(
            folder, settings.mongo_uri, request.param, WORKERS="2", REDIS_URL=redis.url
        ) as server,
        app.app_context(),
    ):
        world = World(server)
        yield world
        world.hang_up()


def posted(server: Server) -> set[float]:
    """Return what scrapes of both workers say of the messages that were posted."""
    return {value(scrape(server), "chat_messages_posted_total") for _ in range(SCRAPES)}


def test_what_was_said_to_one_worker_shows_in_a_scrape_of_either_and_outlives_it(
    world: World,
) -> None:
    server = world.server
    wait_until(lambda: value(scrape(server), "chat_processes") == 2, "both have written")
    room_id = world.room()
    for number in range(SENDS):
        world.alice.second_device().say(room_id, f"{number}")  # on a new connection, to either
    wait_until(lambda: posted(server) == {float(SENDS)}, "all scrapes tell of all messages")
    workers = scrape(server)["chat_process_resident_memory_bytes"].samples
    assert {each.labels["process"] for each in workers} >= {"worker 0", "worker 1", "master"}

    before = set(children_of(server.pid))
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: still_tells(server), "while it is dead")
    wait_until(lambda: len(set(children_of(server.pid)) - before) == 1, "another one runs")
    wait_until(lambda: value(scrape(server), "chat_processes") == 2, "and has written")
    assert posted(server) == {float(SENDS)}
    for number in range(SENDS):
        world.alice.second_device().say(room_id, f"more {number}")
    wait_until(lambda: posted(server) == {2.0 * SENDS}, "the new one counts on")


def still_tells(server: Server) -> bool:
    try:
        return min(posted(server)) >= SENDS
    except requests.ConnectionError:  # the kernel had given the connection to the dead process
        return False


def test_the_folder_of_the_metrics_goes_with_the_chat(
    app: Flask, settings: Settings, folder: Path
) -> None:
    with RedisServer() as redis:
        several = {"WORKERS": "2", "REDIS_URL": redis.url, "TMPDIR": str(folder)}
        for command in (WSGI, GUNICORN):
            server = new_chat(folder, settings.mongo_uri, command, **several)
            with server:
                wait_until(lambda server=server: scrape(server), "it serves")
                (shared,) = folder.glob("chat-metrics-*")
                assert shared.stat().st_mode & 0o777 == 0o700
            assert not list(folder.glob("chat-metrics-*"))
