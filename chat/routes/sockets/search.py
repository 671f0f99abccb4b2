"""Handle `search`."""

from __future__ import annotations

from typing import Any

from chat.controllers import budgets, searches
from chat.models.message.bounds import FEW_BYTES
from chat.routes.sockets.connection import Connection
from chat.schemas.messages import size_of
from chat.schemas.search import show_found


def search(connection: Connection, **query: Any) -> dict[str, Any]:
    budgets.require("bytes answered", connection.person.answerable_id)
    found = searches.search(connection.person, **query, most_bytes=FEW_BYTES)
    budgets.charge_afterwards(
        "bytes answered",
        connection.person.answerable_id,
        sum(size_of(hit.message) for hit in found.hits),
    )
    return show_found(found)
