"""Define the inputs and the views of retention: for how many days messages are kept."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.retention import LONGEST_DAYS
from chat.models.room import Room
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.fields import FormBoolean, StrictInteger

DAYS = "after which messages are deleted; 0: they stay"
OWN_DAYS = f"{DAYS}; null: as in the chat"


class RetentionQuery(QueryInput):
    days = StrictInteger(
        0,
        LONGEST_DAYS,
        strict=False,
        metadata={"description": "what `would_delete` is about; without it, the present choice"},
    )


class RetentionInput(Input):
    days = StrictInteger(
        0, LONGEST_DAYS, required=True, allow_none=True, metadata={"description": OWN_DAYS}
    )


class ChatRetentionQuery(QueryInput):
    retention_days = StrictInteger(
        0, LONGEST_DAYS, strict=False, metadata={"description": "as in the settings"}
    )
    keeps_pinned = FormBoolean(metadata={"description": "as in the settings"})


class WouldDeleteView(View):
    rooms = fields.Integer(required=True)
    messages = fields.Integer(
        required=True,
        metadata={"description": "at most: some of them may be deleted or pinned already"},
    )
    is_whole = fields.Boolean(
        required=True,
        metadata={"description": "false: there are more rooms than could be counted in time"},
    )


class RetentionView(View):
    days = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "after which messages are deleted; null: they stay"},
    )
    pinned_stay = fields.Boolean(
        required=True, metadata={"description": "whether pinned messages stay at any age"}
    )


class RoomRetentionView(RetentionView):
    chosen_days = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": f"chosen for this room: {OWN_DAYS}"},
    )
    would_delete = fields.Nested(WouldDeleteView, required=True)


def show_retention(days: int, pinned_stay: bool) -> dict[str, Any]:
    """Return a RetentionView."""
    return {"days": days or None, "pinned_stay": pinned_stay}


def show_would_delete(rooms: int, messages: int, is_whole: bool) -> dict[str, Any]:
    """Return a WouldDeleteView."""
    return {"rooms": rooms, "messages": messages, "is_whole": is_whole}


def show_room_retention(
    room: Room, retention: dict[str, Any], would_delete: dict[str, Any]
) -> dict[str, Any]:
    """Return a RoomRetentionView. `retention`: a RetentionView of what holds now."""
    chosen = {"chosen_days": room.retention.days, "would_delete": would_delete}
    return retention | chosen
