"""A WebSocket whose client takes its packets slowly, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from chat.realtime.counters import Counters
from chat.realtime.transport import client_websocket, flushing
from chat.realtime.transport.client_websocket import STALLED_SECONDS, ClientWebSocket
from chat.realtime.transport.flushing import Flusher
from tests.realtime.fake_loop import Loop


class SlowSocket:
    """A socket that accepts so many bytes at a time."""

    accepts = 0

    def fileno(self) -> int:
        return 7

    def send(self, data: bytes) -> int:
        if not self.accepts:
            raise BlockingIOError
        return min(self.accepts, len(data))

    def close(self) -> None:
        pass


class Owner:
    def __init__(self) -> None:
        self.reasons: list[str] = []

    def receive(self, data: object) -> None:
        raise AssertionError("nothing is sent here")

    def lost(self, reason: str) -> None:
        self.reasons.append(reason)


class Client:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loop = Loop(monkeypatch, client_websocket, flushing)
        self.socket: Any = SlowSocket()
        self.counters = Counters()
        self.owner = Owner()
        self.websocket = ClientWebSocket(self.socket, Flusher(), self.counters, 1_000)
        self.websocket.owner = self.owner

    def takes(self, count: int) -> None:
        self.socket.accepts = count
        self.websocket._writable(7)
        self.socket.accepts = 0


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    return Client(monkeypatch)


def test_a_client_that_takes_nothing_is_cut_off(client: Client) -> None:
    client.websocket.write(b"a packet")
    client.loop.turn_until(100.0 + STALLED_SECONDS)
    assert client.owner.reasons == ["transport error"]
    assert client.counters.slow_consumers == 1


def test_a_client_that_takes_a_byte_now_and_then_is_not_cut_off(client: Client) -> None:
    client.websocket.write(b"a packet")
    for _ in range(5):
        client.takes(1)
        client.loop.turn_until(client.loop.now + STALLED_SECONDS)
    assert client.owner.reasons == []


def test_a_client_that_stalls_again_and_again_has_one_check(client: Client) -> None:
    for _ in range(20):
        client.websocket.write(b"a packet")
        client.takes(100)
        assert client.websocket.direct
    assert len(client.loop.calls) == 1
    client.websocket.write(b"a packet")
    client.loop.turn_until(client.loop.now + 2 * STALLED_SECONDS)
    assert client.owner.reasons == ["transport error"]
