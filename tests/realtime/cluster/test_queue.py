"""Several processes joined by a real Redis-compatible server, which may fail at any time."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask

from chat.realtime import SocketIO
from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import ROOT, wait_until
from tests.realtime.tools import Plain, Talker


@pytest.fixture(scope="module")
def broker() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def pair(folder: Path, broker: RedisServer) -> Iterator[tuple[Plain, Plain]]:
    """Start two processes on one channel."""
    apps = [
        Plain(folder / f"queue-{name}.log", message_queue=broker.url, channel="tests")
        for name in "ab"
    ]
    for app in apps:
        wait_until(lambda app=app: app.state["queue"] == "connected", "the queue is joined")
    yield apps[0], apps[1]
    for app in apps:
        app.stop()
        assert "Traceback" not in app.complaints


def test_what_is_said_in_one_process_is_heard_in_all_once_and_in_order(
    pair: tuple[Plain, Plain],
) -> None:
    here, there = pair
    alice, bob, carol = Talker(here), Talker(there), Talker(here)
    for member in (alice, bob, carol):
        member.call("join", "harbour")
    for number in range(200):
        alice.event("say", "harbour", number)
    for member in (bob, carol):
        assert [member.hears("said")[0] for _ in range(200)] == list(range(200))
    here.post("/emit", event="said", data={"to": "all"}, skip_sid=[bob.sid])
    assert [alice.hears("said"), carol.hears("said")] == [[{"to": "all"}]] * 2
    there.post("/emit", event="said", data="one", to=alice.sid)
    assert alice.hears("said") == ["one"]
    here.post("/emit", event="said", data="local", ignore_queue=True)
    bob.event("message", "next")
    assert bob.next() == '42["message-back","next"]'


def test_bytes_rooms_and_disconnects_cross_processes(pair: tuple[Plain, Plain]) -> None:
    here, there = pair
    alice, bob = Talker(here), Talker(there)
    alice.send('451-["shout",{"_placeholder":true,"num":0}]')
    alice.send_frame(2, b"\x00\xff\n")
    assert str(bob.next()) == '451-["said",{"_placeholder":true,"num":0}]'
    assert bob.next() == b"\x00\xff\n"
    alice.event("put out", bob.sid)
    assert bob.until("41") == "41"
    assert there.goodbye(bob.sid) == "server disconnect"


def test_a_question_to_a_client_of_another_process_is_answered_here(
    pair: tuple[Plain, Plain],
) -> None:
    here, there = pair
    here.post("/reset")
    bob = Talker(there)
    here.post("/emit", event="question", data="where?", to=bob.sid, ask=True)
    assert bob.next() == '421["question","where?"]'
    bob.send('431["here",1]')
    wait_until(
        lambda: here.state["heard"] == [["here", 1]],
        "the callback is called in the process that asked",
    )
    assert there.state["heard"] == []


def test_notices_reach_the_other_processes_in_order_and_not_oneself(
    pair: tuple[Plain, Plain],
) -> None:
    here, there = pair
    for app in pair:
        app.post("/reset")
    here.post("/notify", count=50)
    wait_until(lambda: len(there.state["notices"]) == 50, "all arrive")
    assert there.state["notices"] == [{"number": number} for number in range(50)]
    assert here.state["notices"] == []


def test_a_process_that_only_sends_reaches_everybody(
    pair: tuple[Plain, Plain], broker: RedisServer
) -> None:
    bob = Talker(pair[1])
    SocketIO(message_queue=broker.url, channel="tests").emit("said", {"from": "elsewhere"})
    assert bob.hears("said") == [{"from": "elsewhere"}]


def test_what_is_no_message_of_ours_is_passed_over(
    pair: tuple[Plain, Plain], broker: RedisServer
) -> None:
    here, there = pair
    noise = here.complaints.count("could not be taken")
    stranger = redis.Redis.from_url(broker.url)
    foreign = (
        b"",
        b"nonsense",
        b"\x80\x04",
        b"{}",
        b"[]\n",
        b'{"from":"x","method":"packet"}\n',
        b'{"from":"x","method":"emit","sid":"y"}\n',
    )
    for message in foreign:
        stranger.publish("tests", message)
    alice, bob = Talker(here), Talker(there)
    alice.event("shout", "still")
    assert bob.hears("said") == ["still"]
    assert here.complaints.count("could not be taken") == noise + len(foreign)


def away(app: Plain) -> bool:
    return bool(app.state["queue"] == "away")


def test_with_redis_killed_nothing_waits_local_delivery_goes_on_and_it_is_joined_again(
    pair: tuple[Plain, Plain], broker: RedisServer
) -> None:
    here, there = pair
    alice, carol, bob = Talker(here), Talker(here), Talker(there)
    broker.kill()
    for app in pair:
        wait_until(lambda app=app: away(app), "it is noticed", 5)
        app.post("/reset")
    began = time.monotonic()
    for number in range(100):
        alice.event("shout", number)
    assert [carol.hears("said")[0] for _ in range(100)] == list(range(100))
    here.post("/notify", count=10)
    assert time.monotonic() - began < 2
    assert here.state["counters"]["queue_dropped"] >= 110
    broker.start()
    for app in pair:
        wait_until(
            lambda app=app: app.state["queue"] == "connected" and app.state["notices"] == ["back"],
            "it is back",
            5,
        )
        assert app.state["counters"]["queue_reconnects"] >= 1
    alice.event("shout", "again")
    assert bob.hears("said") == ["again"], "and what was said meanwhile is not told late"


def test_a_redis_that_is_there_and_says_nothing_is_noticed_within_five_seconds(
    pair: tuple[Plain, Plain], broker: RedisServer
) -> None:
    here, _ = pair
    alice, carol = Talker(here), Talker(here)
    broker.freeze()
    began = time.monotonic()
    try:
        wait_until(lambda: away(here), "it is noticed", 6)
        assert time.monotonic() - began < 5.5
        alice.event("shout", "here")
        assert carol.hears("said") == ["here"]
    finally:
        broker.thaw()
    for app in pair:
        wait_until(lambda app=app: app.state["queue"] == "connected", "it is back", 6)


def test_a_redis_that_is_not_there_at_the_start_is_joined_when_it_comes(
    another: Callable[..., Plain],
) -> None:
    late = RedisServer()
    app = another(message_queue=late.url, channel="late")
    assert away(app)
    assert Talker(app).call("message-with-ack", 1) == [1]
    late.start()
    try:
        wait_until(lambda: app.state["queue"] == "connected", "it is joined", 5)
        assert app.state["counters"]["queue_reconnects"] == 0
    finally:
        late.kill()


def test_emitting_never_waits_for_redis_not_even_for_its_address(
    another: Callable[..., Plain],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # accepts nobody: the backlog does
        app = another(message_queue=f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        alice, bob = Talker(app), Talker(app)
        alice.event("shout", 1)
        assert bob.hears("said") == [1]
        assert away(app)
        assert app.state["stall"] < 0.5


def test_nothing_that_could_be_executed_travels_through_the_queue() -> None:
    sources = [path.read_text() for path in (ROOT / "chat/realtime").rglob("*.py")]
    assert sources
    assert not any("pickle" in source.replace("never pickle", "") for source in sources)


def test_no_loop_is_needed_to_have_a_queue() -> None:
    """A command line makes the app and never serves."""
    carrier = SocketIO(Flask(__name__), message_queue="redis://127.0.0.1:1/0")
    carrier.emit("said", "into the void")
    carrier.notify("news", {"a": 1})
    assert carrier.queue_state == "away"
