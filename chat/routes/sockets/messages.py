"""Handle `message:…`, `room:catch_up` and `room:lines`, with the verbs of the API."""

from __future__ import annotations

from typing import Any

from chat.controllers import budgets, messages, room_lines
from chat.controllers import catch_up as catching_up
from chat.models.message.bounds import FEW_BYTES
from chat.routes.sockets.connection import Connection
from chat.schemas.messages import show_message, size_of
from chat.schemas.room_lines import show_lines
from chat.schemas.room_log import show_log


def send(connection: Connection, room_id: str, **message: Any) -> dict[str, Any]:
    posted = messages.post(connection.person, room_id, **message)
    return {"message": show_message(posted.message)}


def edit(connection: Connection, id: str, body: str) -> dict[str, Any]:
    return {"message": show_message(messages.edit(connection.person, id, body))}


def delete(connection: Connection, id: str) -> dict[str, Any]:
    return {"message": show_message(messages.delete(connection.person, id))}


def react(connection: Connection, id: str, emoji: str, on: bool) -> dict[str, Any]:
    return {"message": show_message(messages.react(connection.person, id, emoji, on=on))}


def pin(connection: Connection, id: str, on: bool) -> dict[str, Any]:
    return {"message": show_message(messages.pin(connection.person, id, on=on))}


def catch_up(connection: Connection, room_id: str, after: int, limit: int) -> dict[str, Any]:
    budgets.require("bytes answered", connection.person.answerable_id)
    found = catching_up.catch_up(
        connection.person, room_id, after=after, limit=limit, most_bytes=FEW_BYTES
    )
    budgets.charge_afterwards(
        "bytes answered",
        connection.person.answerable_id,
        sum(size_of(entry.message) for entry in found.entries),
    )
    return show_log(*found)


def list_lines(
    connection: Connection, room_id: str, after: int, before: int | None
) -> dict[str, Any]:
    return show_lines(room_lines.between(connection.person, room_id, after, before))
