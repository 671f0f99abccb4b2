"""What the chat answers when it refuses an event."""

from __future__ import annotations

from typing import Any

import pytest
import socketio

from tests.helpers.world import World


def refused(world: World, *, origin: bool = True, **options: Any) -> object:
    reasons: list[object] = []
    client = socketio.Client(
        reconnection=False, websocket_extra_options={} if origin else {"suppress_origin": True}
    )
    client.on("connect_error", reasons.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(world.server.url, transports=["websocket"], wait_timeout=5, **options)
    return reasons[0]
