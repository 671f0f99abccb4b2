"""Define the input and the views of readings."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.document import Id
from chat.models.reading import Reading
from chat.schemas.base import PlainInput, View
from chat.schemas.fields import BIGGEST_SEQ, Next, StrictBoolean, StrictInteger


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
