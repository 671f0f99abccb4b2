"""Handle `room:create`, `room:join`, `room:leave` and `room:update`."""

from __future__ import annotations

from typing import Any

from chat.controllers import memberships, rooms
from chat.routes.sockets.connection import Connection
from chat.schemas.rooms import show_room


def create(connection: Connection, **room: str) -> dict[str, Any]:
    return {"room": show_room(rooms.create(connection.person, **room))}


def join(connection: Connection, room_id: str) -> dict[str, Any]:
    return {"room": show_room(memberships.join(connection.person, room_id))}


def leave(connection: Connection, room_id: str) -> dict[str, Any]:
    memberships.leave(connection.person, room_id)
    return {}


def update(connection: Connection, room_id: str, **changes: Any) -> dict[str, Any]:
    return {"room": show_room(rooms.change(connection.person, room_id, **changes))}
