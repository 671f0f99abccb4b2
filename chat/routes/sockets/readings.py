"""Handle `room:read`."""

from __future__ import annotations

from typing import Any

from chat.controllers import readings
from chat.routes.sockets.connection import Connection
from chat.schemas.readings import show_reading


def read(connection: Connection, room_id: str, seq: int, forward_only: bool) -> dict[str, Any]:
    return show_reading(
        readings.mark_read(connection.person, room_id, seq, forward_only=forward_only)
    )
