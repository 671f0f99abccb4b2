"""`/rooms/<id>/messages` and `/rooms/<id>/log`: what is said in a room."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import catch_up
from chat.controllers import messages as verbs
from chat.routes.answers import json_answer
from chat.routes.api.parsing import Blueprint
from chat.schemas.messages import (
    LogQuery,
    LogView,
    MessageInput,
    MessageView,
    PageQuery,
    PageView,
    show_log,
    show_message,
    show_page,
)

messages = Blueprint("messages", __name__, description="What is said in a room")


@messages.get("/<room_id>/messages")
@messages.arguments(PageQuery, location="query")
@messages.response(200, PageView)
def page(query: dict[str, int], room_id: str) -> Response:
    """Some of a room's messages, ascending

    The newest, or those before, after or around a seq.
    """
    return json_answer(show_page(verbs.page(g.person, room_id, **query)))


@messages.post("/<room_id>/messages")
@messages.arguments(MessageInput)
@messages.response(201, MessageView)
@messages.alt_response(200, schema=MessageView, description="It was sent before: the first result")
def post(body: dict[str, Any], room_id: str) -> Response:
    """Say something

    Safe to repeat: the same client_id gives the first result, and a conflict when the body is another.
    """
    message, is_new = verbs.post(g.person, room_id, **body)
    return json_answer(show_message(message), 201 if is_new else 200)


@messages.get("/<room_id>/log")
@messages.arguments(LogQuery, location="query")
@messages.response(200, LogView)
def log(query: dict[str, int], room_id: str) -> Response:
    """What you missed: the room's entries after a seq, without gaps"""
    return json_answer(show_log(*catch_up.catch_up(g.person, room_id, **query)))
