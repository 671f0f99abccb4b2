"""Handle `room:typing`, `presence:be` and `presence:ask`."""

from __future__ import annotations

from typing import Any

from chat.controllers import presence
from chat.controllers import typing as verbs
from chat.models.document import id_from
from chat.routes.sockets.connection import Connection


def typing(connection: Connection, room_id: str, typing: bool) -> dict[str, Any]:
    verbs.note(connection.person, room_id, typing=typing)
    return {}


def set_status(connection: Connection, status: str) -> dict[str, Any]:
    presence.set_status(connection.person, connection.sid, status)
    return {}


def ask(connection: Connection, user_ids: list[str]) -> dict[str, Any]:
    asked = [user_id for text in user_ids if (user_id := id_from(text))]
    statuses = presence.seen_by(connection.person, asked)
    return {"presences": {str(user_id): status for user_id, status in statuses.items()}}
