"""Handle `command:run`."""

from __future__ import annotations

from functools import partial
from typing import Any

from chat.controllers import api_tokens
from chat.controllers.commands import running
from chat.routes.sockets.connection import Connection
from chat.schemas.commands import show_outcome


def run(
    connection: Connection, room_id: str, text: str, client_id: str, time_zone: str
) -> dict[str, Any]:
    allow = partial(api_tokens.must_have, connection.session)
    ran = running.run(connection.person, room_id, text, client_id, time_zone, allow)
    return show_outcome(ran.message, ran.answer)
