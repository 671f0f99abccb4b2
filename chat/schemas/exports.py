"""Define the views of exports that people asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from chat.models.membership import Membership
from chat.models.prepared_export import MOST, STATES, PreparedExport
from chat.schemas.base import View
from chat.schemas.fields import Moment, Next, OneOf
from chat.schemas.rooms import NamedRoomView, show_named_room
from chat.utils.clock import rfc3339


class ExportView(View):
    id = fields.String(required=True)
    room = fields.Nested(
        NamedRoomView,
        required=True,
        allow_none=True,
        metadata={"description": "null: what the chat keeps about you, or a room that you left"},
    )
    is_own_data = fields.Boolean(required=True)
    state = OneOf(STATES, required=True)
    is_too_large = fields.Boolean(
        required=True,
        metadata={"description": "it failed, because its file would have more than 1 GiB"},
    )
    rooms_done = fields.Integer(required=True)
    rooms = fields.Integer(
        required=True, metadata={"description": "to be read; 0: it has not begun"}
    )
    messages = fields.Integer(required=True, metadata={"description": "read so far"})
    bytes = fields.Integer(required=True, metadata={"description": "of its file; 0: not ready"})
    created_at = Moment(required=True)
    expires_at = Moment(required=True, metadata={"description": "then the chat deletes it"})


class ExportsView(View):
    exports = fields.List(
        fields.Nested(ExportView), required=True, metadata={"description": f"at most {MOST}"}
    )
    next = Next()


def show_exports(
    found: Iterable[PreparedExport], memberships: Iterable[Membership]
) -> list[dict[str, Any]]:
    """Return ExportViews. `memberships`: their person's, of their rooms."""
    rooms = {mine.room.id: show_named_room(mine.room) for mine in memberships}
    return [
        {
            "id": str(each.id),
            "room": rooms.get(each.room_id) if each.room_id else None,
            "is_own_data": each.room_id is None,
            "state": each.state,
            "is_too_large": each.is_too_large,
            "rooms_done": each.rooms,
            "rooms": each.of_rooms,
            "messages": each.messages,
            "bytes": each.size,
            "created_at": rfc3339(each.created_at),
            "expires_at": rfc3339(each.expires_at),
        }
        for each in found
    ]
