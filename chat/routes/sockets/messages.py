"""`message:send`, `room:catch_up`: the same verbs as the API's."""

from __future__ import annotations

from typing import Any

from chat.controllers import catch_up as catching_up
from chat.controllers import messages
from chat.routes.sockets.connection import Connection
from chat.schemas.messages import show_log, show_message


def send(connection: Connection, room_id: str, **message: Any) -> dict[str, Any]:
    posted, _ = messages.post(connection.person, room_id, **message)
    return {"message": show_message(posted)}


def catch_up(connection: Connection, room_id: str, after: int, limit: int) -> dict[str, Any]:
    return show_log(*catching_up.catch_up(connection.person, room_id, after=after, limit=limit))
