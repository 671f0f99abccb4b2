"""Read batching: which sockets the loop leaves alone for a moment, to read several together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chat.realtime.counters import Counters
from chat.realtime.engineio.connection import Connection
from chat.realtime.protocols.json import Json
from chat.realtime.transport import read_batching as module
from chat.realtime.transport.read_batching import CROWD, CROWD_SECONDS, GATHER_SECONDS, ReadBatching


class Clock:
    moment = 100.0

    def monotonic(self) -> float:
        return self.moment


class Loop:
    def __init__(self) -> None:
        self.left_alone: list[float] = []

    def leave_clients_alone(self, seconds: float) -> None:
        self.left_alone.append(seconds)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    loop = Loop()
    monkeypatch.setattr(module, "loop", loop)
    return loop


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_several_who_speak_at_once_are_read_together(loop: Loop, clock: Clock) -> None:
    read_batching = ReadBatching()
    for number in range(CROWD):
        assert not loop.left_alone, "as long as it is no crowd"
        read_batching.note("alice" if number % 2 else "bob")
    assert loop.left_alone == [GATHER_SECONDS]


def test_nobody_waits_who_speaks_alone(loop: Loop, clock: Clock) -> None:
    read_batching = ReadBatching()
    for _ in range(5 * CROWD):
        read_batching.note("alice")
    assert not loop.left_alone, "what she says next comes after the answer"


def test_nobody_waits_where_people_speak_now_and_then(loop: Loop, clock: Clock) -> None:
    read_batching = ReadBatching()
    for number in range(5 * CROWD):
        read_batching.note("alice" if number % 2 else "bob")
        clock.moment += 1.01 * CROWD_SECONDS / (CROWD - 1)
    assert not loop.left_alone


def test_every_event_of_a_client_counts_and_nothing_else(loop: Loop, clock: Clock) -> None:
    engine: Any = SimpleNamespace(
        counters=Counters(),
        json=Json(),
        read_batching=ReadBatching(),
        workers=SimpleNamespace(run=lambda *_: None),
        handle=None,
    )
    clients = [Connection(engine, sid, "127.0.0.1") for sid in ("alice", "bob")]
    for _ in range(CROWD):
        for client in clients:
            client.take("40")
    assert not loop.left_alone, "to connect is no event"
    for _ in range(CROWD // 2):
        for client in clients:
            client.take('42["said"]')
    assert loop.left_alone
