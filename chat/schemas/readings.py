"""Define the input and the views of readings."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields

from chat.models.document import Id
from chat.models.reading import Reading
from chat.schemas.base import Input, PlainInput, View
from chat.schemas.fields import BIGGEST_SEQ, ID_LENGTH, ListOf, Next, StrictBoolean, StrictInteger
from chat.schemas.text_fields import StrictString
from chat.utils.sentences import N_, Later

MOST_ROOMS = 200  # that are marked at once
POSITION = re.compile(r"[0-9a-f]{24}:[0-9]{1,16}")
LONGEST_POSITION = ID_LENGTH + len(":") + 16
NOT_A_POSITION = N_("This must be a room with how far it is read: id:seq.")
KEPT_FROM = "messages with a smaller seq are deleted, except pinned ones that stay; 1: none are"
MANY_ROOMS = Later("Name at most {most} rooms.", most=MOST_ROOMS)


class ReadInput(PlainInput):
    seq = StrictInteger(0, BIGGEST_SEQ, required=True)
    forward_only = StrictBoolean(
        load_default=False,
        metadata={
            "description": (
                "true: marks nothing as unread, so that a device that lags behind does no harm"
            )
        },
    )


class ReadPosition(StrictString):
    """A room with how far it is read: `id:seq`."""

    default_error_messages = {"invalid": NOT_A_POSITION}

    def __init__(self, **options: Any):
        super().__init__(LONGEST_POSITION, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        if not POSITION.fullmatch(text):
            raise self.make_error("invalid")
        room_id, _, seq = text.partition(":")
        return room_id, min(int(seq), BIGGEST_SEQ)


class BringBackInput(Input):
    """Where reading stood in rooms that were then marked as read."""

    readings = ListOf(ReadPosition(), 1, MOST_ROOMS, error=MANY_ROOMS, required=True)


class ReadingView(View):
    read_seq = fields.Integer(required=True)
    unread = fields.Integer(required=True)
    mentions = fields.Integer(required=True)


class ReceiptView(View):
    user_id = fields.String(required=True)
    seq = fields.Integer(
        required=True, metadata={"description": "the person has read everything up to this entry"}
    )


class ReceiptsView(View):
    receipts = fields.List(fields.Nested(ReceiptView), required=True)
    next = Next()


def show_reading(reading: Reading) -> dict[str, Any]:
    """Return a ReadingView."""
    return {"read_seq": reading.read_seq, "unread": reading.unread, "mentions": reading.mentions}


def show_receipts(seqs: dict[Id, int]) -> dict[str, Any]:
    """Return a ReceiptsView: how far people have read."""
    return {
        "receipts": [{"user_id": str(user_id), "seq": seq} for user_id, seq in seqs.items()],
        "next": None,
    }
