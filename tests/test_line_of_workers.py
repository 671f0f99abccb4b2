"""Strangers' attacks on a chat of two workers on one port reach both, and harm neither."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from tests.helpers.raw_http import open_line
from tests.helpers.servers import Server, children_of, is_alive
from tests.helpers.world import World

TRIES = 24  # that one of two workers is asked none of them happens once in eight million runs
HALF = b"GET /up HTTP/1.1\r\nHost: x\r\nX-Slow: "
DESCRIPTORS = 200


@pytest.fixture
def world(app: Flask, two_workers: Server) -> Iterator[World]:
    with app.app_context():
        world = World(two_workers)
        yield world
        world.hang_up()


def asked(server: Server, path: str, **headers: str) -> Counter[int]:
    """Return how often each status was answered, each time on a new connection."""
    return Counter(
        requests.get(server.url + path, headers=headers, timeout=5).status_code
        for _ in range(TRIES)
    )


def test_who_means_another_host_or_comes_from_a_foreign_page_is_refused_by_both(
    two_workers: Server,
) -> None:
    assert asked(two_workers, "/login", Host="evil.example") == {421: TRIES}
    assert asked(two_workers, "/login", Origin="http://evil.example") == {403: TRIES}
    assert asked(two_workers, "/up", Host="evil.example") == {200: TRIES}, "watchers may"


@pytest.mark.skipif(sys.platform != "linux", reason="other processes' limits are set so on Linux")
def test_connections_that_never_ask_end_neither(two_workers: Server, world: World) -> None:
    workers = children_of(two_workers.pid)
    room_id, heard = world.room(), world.bob.listen()
    before = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in workers}
    for pid, (_, hard) in before.items():  # far fewer than they reckoned with at their start
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(2 * DESCRIPTORS + 100):
                stack.enter_context(open_line(two_workers.port)).sendall(HALF)
            world.alice.say(room_id, "who is there gives way to nobody")
            assert heard.next("message:posted")["room_id"] == room_id
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    assert asked(two_workers, "/up") == {200: TRIES}
    assert children_of(two_workers.pid) == workers
    assert all(map(is_alive, workers))


def test_an_event_that_there_is_not_costs_what_others_cost(world: World) -> None:
    phone = world.mallory.listen()
    codes = Counter(phone.call("nonsense", {})["error"]["code"] for _ in range(610))
    assert codes == {"bad_request": 600, "rate_limited": 10}


def test_what_one_person_asks_of_both_is_counted_together(world: World) -> None:
    room_id = world.room()
    answers = Counter(
        world.mallory.get("/search", params={"q": f"tide {number}"}).status_code
        for number in range(130)
    )
    assert answers == {200: 120, 429: 10}
    assert world.bob.say(room_id, "others go on")
