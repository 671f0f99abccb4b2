"""Define the view of errors."""

from __future__ import annotations

from marshmallow import fields

from chat.schemas.base import View
from chat.schemas.fields import Moment, OneOf
from chat.utils.errors import codes


class BanEndView(View):
    until = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "when the ban ends; null: when somebody lifts it"},
    )


class MistakeView(View):
    code = OneOf(
        codes(),
        required=True,
        metadata={"description": "for programs; stays the same; later versions may have more"},
    )
    message = fields.String(required=True, metadata={"description": "one sentence for people"})
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        data_key="fields",
        metadata={"description": "what is wrong with which field"},
    )
    retry_after = fields.Integer(
        metadata={
            "description": "seconds to wait before trying again, as in the Retry-After header"
        }
    )
    ban = fields.Nested(BanEndView, metadata={"description": "you are banned from the room"})
    request_id = fields.String(
        required=True, metadata={"description": "to find it in the server's log"}
    )


class ErrorView(View):
    error = fields.Nested(MistakeView, required=True)
