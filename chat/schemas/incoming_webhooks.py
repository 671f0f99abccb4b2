"""Define the input and the views of incoming webhooks."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.incoming_webhook import MOST, IncomingWebhook
from chat.models.user import User
from chat.schemas.base import Input, View
from chat.schemas.fields import Moment, Next
from chat.schemas.message_inputs import Body
from chat.schemas.text_fields import Name
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339

LONGEST_NAME = 64
LONGEST_KEY = 255  # characters of an Idempotency-Key


class IncomingWebhookInput(Input):
    name = Name(
        1,
        LONGEST_NAME,
        required=True,
        metadata={"description": "whose messages say they are, unless they say otherwise"},
    )


class SaidInput(Input):
    """What a tool says, once it is Markdown."""

    body = Body(required=True)


class IncomingWebhookView(View):
    id = fields.String(required=True)
    name = fields.String(required=True)
    url = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "where tools post; null, except when it is made or exchanged"},
    )
    made_by = fields.Nested(UserView, required=True, allow_none=True)
    created_at = Moment(required=True)
    used_at = Moment(required=True, allow_none=True, metadata={"description": "exact to a minute"})


class IncomingWebhooksView(View):
    incoming_webhooks = fields.List(
        fields.Nested(IncomingWebhookView),
        required=True,
        metadata={"description": f"at most {MOST}"},
    )
    next = Next()


def show_hook(hook: IncomingWebhook, maker: User | None, url: str = "") -> dict[str, Any]:
    """Return an IncomingWebhookView. `url`: only for the one who makes or exchanges it."""
    return {
        "id": str(hook.id),
        "name": hook.name,
        "url": url or None,
        "made_by": show_user(maker) if maker else None,
        "created_at": rfc3339(hook.created_at),
        "used_at": rfc3339(hook.used_at) if hook.used_at else None,
    }
