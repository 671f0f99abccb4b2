"""Define the views of one's own reminders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from chat.models.membership import Membership
from chat.models.reminder import MOST, Reminder
from chat.schemas.base import View
from chat.schemas.fields import Moment, Next
from chat.schemas.rooms import NamedRoomView, show_rooms
from chat.utils.clock import rfc3339


class ReminderView(View):
    id = fields.String(required=True)
    room = fields.Nested(
        NamedRoomView,
        required=True,
        allow_none=True,
        metadata={
            "description": "where it will be said; null: you are no longer there, and it will not"
        },
    )
    body = fields.String(required=True, metadata={"description": "what will be said"})
    due_at = Moment(required=True)
    created_at = Moment(required=True)


class RemindersView(View):
    reminders = fields.List(
        fields.Nested(ReminderView), required=True, metadata={"description": f"at most {MOST}"}
    )
    next = Next()


def show_reminders(
    found: Iterable[tuple[Reminder, str, Membership | None]],
) -> list[dict[str, Any]]:
    """Return ReminderViews. `found`: each with what it says, and its person's membership."""
    listed = list(found)
    own = {mine.room.id: mine for _reminder, _body, mine in listed if mine}
    rooms = {room["id"]: room for room in show_rooms(own.values())}
    return [
        {
            "id": str(reminder.id),
            "room": _named(rooms.get(str(reminder.room_id))),
            "body": body,
            "due_at": rfc3339(reminder.due_at),
            "created_at": rfc3339(reminder.created_at),
        }
        for reminder, body, _mine in listed
    ]


def _named(room: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a NamedRoomView of a RoomView."""
    return room and {name: room[name] for name in ("id", "name", "kind")}
