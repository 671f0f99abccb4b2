"""Define the input and the views of room lines: what happened to a room and its people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from chat.models.room_line import KINDS, MOST_LINES, RoomLine
from chat.models.user import User
from chat.schemas.base import QueryInput, View
from chat.schemas.fields import BIGGEST_SEQ, Moment, ObjectIdString, OneOf, StrictInteger
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339


class LinesQuery(QueryInput):
    after = StrictInteger(
        0,
        BIGGEST_SEQ,
        strict=False,
        load_default=0,
        metadata={"description": "lines that stand after this entry, or after a later one"},
    )
    before = StrictInteger(
        0,
        BIGGEST_SEQ,
        strict=False,
        load_default=None,
        allow_none=True,
        metadata={"description": "lines that stand before this entry"},
    )


class LinesInput(LinesQuery):
    room_id = ObjectIdString(required=True)


class LineView(View):
    id = fields.String(required=True)
    room_id = fields.String(required=True)
    seq = fields.Integer(
        required=True, metadata={"description": "the entry of the log after which the line stands"}
    )
    kind = OneOf(KINDS, required=True)
    actor = fields.Nested(UserView, required=True, metadata={"description": "who did it"})
    user = fields.Nested(
        UserView,
        required=True,
        allow_none=True,
        metadata={"description": "the person who was added, removed or made owner"},
    )
    text = fields.String(required=True, metadata={"description": "the new name or topic"})
    earlier = fields.String(required=True, metadata={"description": "the name before"})
    message_id = fields.String(
        required=True, allow_none=True, metadata={"description": "the pinned message"}
    )
    message_seq = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)


class LinesView(View):
    lines = fields.List(
        fields.Nested(LineView),
        required=True,
        metadata={"description": f"the newest {MOST_LINES} of them, in ascending order"},
    )


def show_lines(lines: list[RoomLine]) -> dict[str, Any]:
    """Return a LinesView. It leaves out lines about people who do not exist any more."""
    ids = {line.actor_id for line in lines} | {line.user_id for line in lines if line.user_id}
    users = User.find_many(ids)
    shown = [show_line(line, users.values()) for line in lines if _people_of(line) <= users.keys()]
    return {"lines": shown}


def show_line(line: RoomLine, people: Iterable[User]) -> dict[str, Any]:
    """Return a LineView. `people` contains everybody whom the line names."""
    users = {user.id: user for user in people}
    return {
        "id": str(line.id),
        "room_id": str(line.room_id),
        "seq": line.seq,
        "kind": line.kind,
        "actor": show_user(users[line.actor_id]),
        "user": show_user(users[line.user_id]) if line.user_id else None,
        "text": line.text,
        "earlier": line.earlier,
        "message_id": str(line.message_id) if line.message_id else None,
        "message_seq": line.message_seq,
        "created_at": rfc3339(line.at),
    }


def _people_of(line: RoomLine) -> set[Any]:
    return {line.actor_id, line.user_id} - {None}
