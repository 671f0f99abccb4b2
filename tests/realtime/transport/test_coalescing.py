"""Coalescing: in a lively room every other packet waits for the next one.

Every packet arrives, in order, and none waits for long or often in vain.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from chat.realtime.counters import Counters
from chat.realtime.protocols.engine_packets import Encoded
from chat.realtime.socketio.client import Client
from chat.realtime.socketio.fan_out import FanOut
from chat.realtime.socketio.namespace import Namespace
from chat.realtime.transport import client_websocket, closing_handshake, coalescing, flushing
from chat.realtime.transport.client_websocket import ClientWebSocket
from chat.realtime.transport.coalescing import LEAST_PAUSE, MANY, PAIR_SECONDS, Coalescing
from chat.realtime.transport.flushing import Flusher
from tests.realtime.fake_loop import Loop
from tests.realtime.tools import Plain, Talker


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    return Loop(monkeypatch, flushing, coalescing, client_websocket, closing_handshake)


class Room:
    """The room of one socket. `heard`: what was sent to it, and after how many milliseconds."""

    def __init__(self, loop: Loop, member: Any = None, flusher: Flusher | None = None):
        self.loop, self.began, self.flusher = loop, loop.now, flusher or Flusher()
        self.coalescing, self.member = Coalescing(self.flusher), member or loop.websocket()

    def say(self, packet: bytes) -> None:
        mark = self.coalescing.note().append
        if not self.member.out:
            mark(self.member)
        self.member.out.append(packet)
        self.flusher.wake()
        self.loop.turn_until(self.loop.now)

    def say_every(self, milliseconds: int, *said: bytes) -> None:
        first = self.loop.now
        for number, packet in enumerate(said):
            self.loop.turn_until(first + number * milliseconds / 1000)
            self.say(packet)

    def waits(self) -> bool:
        """Return whether a packet is sent later."""
        self.say(b"are you there")
        return bool(self.member.out)

    @property
    def heard(self) -> list[tuple[int, bytes]]:
        return [(round((when - self.began) * 1000), data) for when, data in self.loop.sent]


@contextlib.contextmanager
def line(loop: Loop) -> Iterator[tuple[Room, socket.socket]]:
    """Return a lively room of a real socket with a waiting packet, and the socket's other end.

    The other end has received the packet before.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        flusher = Flusher()
        member = ClientWebSocket(ours, flusher, Counters(), 1000)
        member.owner = object()  # type: ignore[assignment]
        room = Room(loop, member, flusher)
        room.say_every(20, b"one,", b"two,")
        assert theirs.recv(1000) == b"one,"
        yield room, theirs


def test_where_people_speak_now_and_then_nobody_waits(loop: Loop) -> None:
    room = Room(loop)
    room.say_every(45, b"one", b"two", b"three")
    assert room.heard == [(0, b"one"), (45, b"two"), (90, b"three")]


def test_whoever_asked_learns_when_a_packet_that_waited_was_written(loop: Loop) -> None:
    room = Room(loop)
    told: list[tuple[int, int]] = []
    for packet in (b"one", b"two"):
        mark = room.coalescing.note().append
        mark(room.member)
        room.member.out.append(packet)
        room.coalescing.when_written(
            lambda: told.append((round((loop.now - room.began) * 1000), len(loop.sent)))
        )
        room.flusher.wake()
        loop.turn_until(room.began + 0.01)
    assert len(told) == 1, "the second one waits for a third"
    loop.turn_until(loop.now + 1)
    assert [sent for _, sent in told] == [1, 2]
    assert told[1][0] >= PAIR_SECONDS * 1000


def test_where_it_is_lively_every_other_packet_goes_out_with_the_next(loop: Loop) -> None:
    room = Room(loop)
    room.say_every(20, b"one", b"two,", b"three", b"four,", b"five")
    assert room.heard == [(0, b"one"), (40, b"two,three"), (80, b"four,five")]


def test_nobody_waits_longer_than_until_it_is_lively_no_more(loop: Loop) -> None:
    room = Room(loop)
    room.say_every(10, b"one", b"two")
    loop.turn_until(loop.now + 1)
    assert room.heard == [(0, b"one"), (10 + round(PAIR_SECONDS * 1000), b"two")]


def test_who_speaks_only_when_the_last_word_was_heard_seldom_waits(loop: Loop) -> None:
    room, waited, said = Room(loop), 0, 0
    while loop.now < room.began + 10:
        waited, said = waited + room.waits(), said + 1
        while room.member.out:
            loop.turn()
        loop.turn_until(loop.now + 0.015)
    assert waited < 0.025 * said
    loop.turn_until(loop.now + 2)
    assert [room.waits() for _ in range(5)] == [False, True, False, True, False], (
        "but when others speak too it is worth it"
    )
    assert room.waits()
    loop.turn_until(loop.now + PAIR_SECONDS)  # in vain, for the first time since
    loop.turn_until(loop.now + LEAST_PAUSE - PAIR_SECONDS / 2)
    assert [room.waits() for _ in range(2)] == [False, False]
    loop.turn_until(loop.now + PAIR_SECONDS / 2 + 0.001)
    assert room.waits(), "so the pause was the shortest"


def test_an_answer_waits_for_nothing_and_takes_along_what_waits(loop: Loop) -> None:
    with line(loop) as (room, theirs):
        room.member.send_frame(b"answer,")
        loop.turn_until(loop.now)
        assert theirs.recv(1000) == b"two,answer,"
        room.say(b"three,")
        loop.turn_until(loop.now + 1)
        assert theirs.recv(1000) == b"three,"


def test_a_slow_socket_gets_what_waited_once_and_in_order(loop: Loop) -> None:
    """The socket is in the room's list and, with a partly sent answer, in the flusher's."""
    with line(loop) as (room, theirs):
        answer = bytes(1_000_000)
        room.member.send_frame(answer)
        loop.turn_until(loop.now)
        assert not room.member.direct
        room.member.send(Encoded(b"three"))
        loop.turn_until(loop.now + 1)
        came = b""
        while not room.member.direct:
            with contextlib.suppress(BlockingIOError):
                came += theirs.recv(1_000_000)
            room.member._writable(0)
        with contextlib.suppress(BlockingIOError):
            while data := theirs.recv(1_000_000):
                came += data
        assert came == b"two," + answer + Encoded(b"three").frame


def test_a_lively_room_hears_all_of_it_in_one_order(patient: Plain) -> None:
    crowd = [Talker(patient) for _ in range(MANY)]
    for talker in crowd:
        assert talker.call("join", "lively") == [True]
    for number in range(100):
        crowd[number % MANY].event("tell", "lively", number)
        time.sleep(0.004)
    first, *others = [
        [json.loads(talker.until('42["said"')[2:])[1] for _ in range(100)] for talker in crowd
    ]
    assert sorted(first) == list(range(100))
    assert all(heard == first for heard in others)
    for talker in crowd:
        talker.close()


def test_what_is_said_to_few_waits_for_nothing(loop: Loop) -> None:
    fan_out, flusher, counters = FanOut(), Flusher(), Counters()
    fan_out.server = SimpleNamespace(eio=SimpleNamespace(flusher=flusher), counters=counters)  # type: ignore[assignment]
    names = fan_out._namespaces["/"] = Namespace()
    with contextlib.ExitStack() as stack:
        theirs = []
        for number in range(MANY):
            pair = [stack.enter_context(end) for end in socket.socketpair()]
            theirs.append(pair[1])
            client = names.clients[str(number)] = Client(str(number), "/", None)  # type: ignore[arg-type]
            client.line = ClientWebSocket(pair[0], flusher, counters, 1000)
            fan_out.enter_room(client.sid, "/", "lively")
        fan_out.enter_room("0", "/", "few")
        for room, packet, posted_at in (
            ("lively", b"one", 0.0),
            ("lively", b"two", 0.02),
            ("few", b"psst", 0.03),
        ):
            loop.turn_until(100 + posted_at)
            fan_out.deliver("/", room, Encoded(packet))
            loop.turn_until(loop.now)
        one, two, psst = (Encoded(packet).frame for packet in (b"one", b"two", b"psst"))
        assert theirs[0].recv(1000) == one + two + psst
        assert all(end.recv(1000) == one for end in theirs[1:])
        loop.turn_until(loop.now + 1)
        assert all(end.recv(1000) == two for end in theirs[1:])
