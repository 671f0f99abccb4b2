"""The guard that every event passes, in this process."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import replace
from typing import Any

import pytest

from chat.extensions import socketio
from chat.models.database import database
from chat.models.database.deadline import LEAST_SECONDS, seconds_left
from chat.models.session import Session
from chat.models.user import User
from chat.routes.sockets import EVENTS
from chat.routes.sockets.connection import Connection
from chat.routes.sockets.event_guard import Event, guarded
from chat.schemas.sockets import RoomIdInput
from tests.helpers.world import World


def test_the_time_that_an_event_waited_for_its_turn_counts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an outage an event that waits behind another one would fail only after twice the time."""
    be_connected(world, monkeypatch)
    answer = guarded(Event(RoomIdInput, tell, None), "tell")("a socket", {"room_id": "0" * 24})
    assert answer["ok"], answer
    assert 0 < answer["left"] <= LEAST_SECONDS


def test_a_command_that_waits_for_its_program_does_not_use_up_the_time_of_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [name for name, event in EVENTS.items() if event.is_unbounded] == ["command:run"]
    be_connected(world, monkeypatch)
    event = replace(EVENTS["command:run"], takes=RoomIdInput, handler=tell, counts_as=None)
    answer = guarded(event, "command:run")("a socket", {"room_id": "0" * 24})
    assert answer == {"ok": True, "left": None}


def be_connected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let alice's events come by a socket that does not exist, after a minute."""
    alice = User.find_by_username(world.alice.username)
    connection = Connection("a socket", alice, Session.begin(alice.id, "tests")) if alice else None
    monkeypatch.setattr(sys.modules[guarded.__module__], "connection_of", lambda _sid: connection)
    monkeypatch.setattr(
        database._breaker, "_failed_at", -math.inf
    )  # other tests take the database away
    monkeypatch.setattr(socketio, "arrived_at", lambda _sid: time.monotonic() - 60)
    monkeypatch.setattr(socketio, "address_of", lambda _sid: "127.0.0.1")


def tell(_connection: Any, room_id: object) -> dict[str, Any]:
    return {"left": seconds_left()}
