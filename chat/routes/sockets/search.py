"""`search`."""

from __future__ import annotations

from typing import Any

from chat.controllers import searches
from chat.routes.sockets.connection import Connection
from chat.schemas.search import show_found


def search(connection: Connection, **query: Any) -> dict[str, Any]:
    return show_found(searches.search(connection.person, **query))
