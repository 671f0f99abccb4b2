"""Define the view of a room that somebody looks into before they join it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.membership import Membership
from chat.models.message.paged import Page
from chat.models.room import Room
from chat.schemas.base import View
from chat.schemas.messages import MessageView, show_page
from chat.schemas.rooms import RoomView, show_browsed_rooms


class PreviewView(View):
    room = fields.Nested(RoomView, required=True)
    messages = fields.List(
        fields.Nested(MessageView),
        required=True,
        metadata={"description": "the newest ones, 50 at most"},
    )
    has_before = fields.Boolean(required=True)


def show_preview(room: Room, membership: Membership | None, page: Page) -> dict[str, Any]:
    """Return a PreviewView."""
    shown = show_page(page)
    return {
        "room": show_browsed_rooms([(room, membership)])[0],
        "messages": shown["messages"],
        "has_before": shown["has_before"],
    }
