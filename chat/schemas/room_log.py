"""Define the input and the views of a room's log, from which clients catch up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields

from chat.models.log import DELETED, EDITED, PINNED, POSTED, REACTED
from chat.models.message import OpenMessage
from chat.models.message.changeable import Entry
from chat.schemas.base import PlainInput, QueryInput, View
from chat.schemas.fields import BIGGEST_SEQ, ObjectIdString, StrictInteger
from chat.schemas.messages import MessageView, message_json, show_message

EVENTS = (POSTED, EDITED, DELETED, REACTED, PINNED)
CATCH_UP_USUAL = 100  # entries in one answer
CATCH_UP_MOST = 500


class LogQuery(QueryInput):
    after = StrictInteger(0, BIGGEST_SEQ, strict=False, load_default=0)
    limit = StrictInteger(1, CATCH_UP_MOST, strict=False, load_default=CATCH_UP_USUAL)


class CatchUpInput(PlainInput):
    room_id = ObjectIdString(required=True)
    after = StrictInteger(0, BIGGEST_SEQ, required=True)
    limit = StrictInteger(1, CATCH_UP_MOST, load_default=CATCH_UP_USUAL)


class EntryView(View):
    event = fields.String(
        required=True,
        metadata={"description": f"{', '.join(EVENTS)}; later versions may have more"},
    )
    room_id = fields.String(required=True)
    seq = fields.Integer(required=True)
    message = fields.Nested(MessageView, required=True)


class LogView(View):
    entries = fields.List(fields.Nested(EntryView), required=True)
    head_seq = fields.Integer(required=True)
    has_more = fields.Boolean(required=True)


def show_entry(entry: Entry, show: Callable[[OpenMessage], Any] = show_message) -> dict[str, Any]:
    """Return an EntryView; `show` makes its message."""
    return {
        "event": entry.event,
        "room_id": str(entry.message.room_id),
        "seq": entry.seq,
        "message": show(entry.message),
    }


def show_log(entries: list[Entry], head_seq: int) -> dict[str, Any]:
    """Return a LogView of the requested entries."""
    return {
        "entries": [show_entry(entry, message_json) for entry in entries],
        "head_seq": head_seq,
        "has_more": bool(entries) and entries[-1].seq < head_seq,
    }
