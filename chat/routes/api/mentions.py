"""`/mentions`: messages that mention the person."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import mentions as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.message_inputs import MentionsQuery
from chat.schemas.messages import MessagesView, message_json, show_messages

mentions = Blueprint("mentions", __name__, description="Messages that mention you")


@mentions.get("/mentions", name="listMentions", scope="read")
@mentions.arguments(MentionsQuery, location="query")
@mentions.response(200, MessagesView)
def list_mine(query: dict[str, Any]) -> Response:
    """List the messages that mention you, in all your rooms, newest first"""
    return json_answer(show_messages(*verbs.list_of(g.person, **query), message_json))
