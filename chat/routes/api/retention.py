"""`/rooms/<id>/retention`: for how many days a room keeps its messages."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import retention as verbs
from chat.controllers import retention_preview
from chat.models.membership import Membership
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.retention import (
    ChatRetentionQuery,
    RetentionInput,
    RetentionQuery,
    RoomRetentionView,
    WouldDeleteView,
    show_retention,
    show_room_retention,
    show_would_delete,
)

retention = Blueprint("retention", __name__, description="Rooms")


@retention.get("/rooms/<id:room_id>/retention", name="getRetention", scope="read")
@retention.arguments(RetentionQuery, location="query")
@retention.response(200, RoomRetentionView)
def show(query: dict[str, Any], room_id: str) -> Response:
    """Get for how many days a room keeps its messages

    `would_delete` says what a choice of `days` would delete at once: ask before you make it.
    """
    mine = verbs.show(g.person, room_id)
    return _answer(mine, query.get("days", mine.room.retention.days))


@retention.put("/rooms/<id:room_id>/retention", name="setRetention", scope="manage")
@retention.arguments(RetentionInput)
@retention.response(200, RoomRetentionView)
def choose(body: dict[str, Any], room_id: str) -> Response:
    """Choose for how many days a room keeps its messages

    For owners, and for administrators who are in the room; only these may choose more days than the
    chat. Deletes older messages at once, for everybody and for good.
    """
    mine = verbs.choose(g.person, room_id, **body)
    return _answer(mine, mine.room.retention.days)


@retention.get("/admin/settings/retention", name="previewChatRetention", scope="admin")
@retention.arguments(ChatRetentionQuery, location="query")
@retention.response(200, WouldDeleteView)
def preview(query: dict[str, Any]) -> Response:
    """Get what a change of the chat's retention would delete

    Ask before you make it: the change deletes at once, for everybody and for good.
    """
    return json_answer(show_would_delete(*retention_preview.would_delete(g.person, **query)))


def _answer(mine: Membership, days: int | None) -> Response:
    would_delete = retention_preview.would_delete_in(mine, days)
    shown = show_retention(*verbs.terms_of(mine.room))
    return json_answer(show_room_retention(mine.room, shown, show_would_delete(*would_delete)))
