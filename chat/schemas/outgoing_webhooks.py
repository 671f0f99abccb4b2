"""Define the input and the views of outgoing webhooks, and of their deliveries."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chat.models.outgoing_webhook import EVENTS, MOST, REASONS, OutgoingWebhook
from chat.models.outgoing_webhook_sealed import Sealed
from chat.models.user import User
from chat.models.webhook_delivery import LONGEST_SAID, TEST, USUAL_PAGE, WebhookDelivery
from chat.schemas.addresses import ServerAddress
from chat.schemas.base import Input, QueryInput, View
from chat.schemas.fields import ListOf, Moment, Next, ObjectIdString, OneOf, StrictBoolean
from chat.schemas.text_fields import Name
from chat.schemas.users import UserView, show_user
from chat.utils.clock import rfc3339
from chat.utils.sentences import N_

LONGEST_NAME = 80
MOST_HOOKS = MOST
MOST_DELIVERIES = USUAL_PAGE
CHOOSE_EVENTS = N_("Choose at least one event.")


class ReceiverUrl(ServerAddress):
    """Where a webhook's receiver is."""

    def __init__(self, **options: Any):
        super().__init__(plain=True, metadata={"description": "of the receiver"}, **options)


class OutgoingWebhookInput(Input):
    name = Name(1, LONGEST_NAME, required=True)
    url = ReceiverUrl(required=True)
    events = ListOf(OneOf(EVENTS), 1, len(EVENTS), error=CHOOSE_EVENTS, required=True)


class OutgoingWebhookChangeInput(Input):
    name = Name(1, LONGEST_NAME)
    url = ReceiverUrl()
    events = ListOf(OneOf(EVENTS), 1, len(EVENTS), error=CHOOSE_EVENTS)
    enabled = StrictBoolean(metadata={"description": "false: deliver nothing until it is true"})
    from_now = StrictBoolean(
        load_default=False,
        metadata={
            "description": "with `enabled`: leave out what happened while it was off; otherwise it "
            "goes on where it stopped"
        },
    )
    new_secret = StrictBoolean(
        load_default=False, metadata={"description": "the old one ends; the answer has the new one"}
    )


class DeliveriesQuery(QueryInput):
    before = ObjectIdString(metadata={"description": "`next` of the page before"})


class OutgoingWebhookView(View):
    id = fields.String(required=True)
    room_id = fields.String(required=True)
    name = fields.String(required=True)
    url = fields.String(required=True)
    events = fields.List(OneOf(EVENTS), required=True)
    enabled = fields.Boolean(required=True)
    off_reason = OneOf(
        REASONS,
        required=True,
        allow_none=True,
        metadata={"description": "somebody switched it off; nothing reached it; 410"},
    )
    off_since = Moment(required=True, allow_none=True)
    failing_since = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "of the entry that it did not take yet, on which others wait"},
    )
    next_try_at = Moment(required=True, allow_none=True)
    made_by = fields.Nested(UserView, required=True)
    created_at = Moment(required=True)
    secret = fields.String(
        metadata={"description": "signs deliveries; only in the answer that made it"}
    )


class OutgoingWebhooksView(View):
    outgoing_webhooks = fields.List(fields.Nested(OutgoingWebhookView), required=True)
    next = Next()


class DeliveryView(View):
    id = fields.String(required=True)
    event = fields.String(required=True, metadata={"description": f"of the entry; or `{TEST}`"})
    seq = fields.Integer(
        required=True, allow_none=True, metadata={"description": "of the entry in the room's log"}
    )
    webhook_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the header `webhook-id`; null for a test"},
    )
    tries = fields.Integer(
        required=True,
        metadata={"description": "the number of this try of the entry, 1 for the first"},
    )
    delivered = fields.Boolean(required=True)
    status = fields.Integer(
        required=True, metadata={"description": "of the receiver's answer; 0: there was none"}
    )
    sentence = fields.String(required=True)
    answer = fields.String(
        required=True,
        metadata={"description": f"its first {LONGEST_SAID} bytes, or why there was none"},
    )
    milliseconds = fields.Integer(required=True)
    at = Moment(required=True)
    next_try_at = Moment(required=True, allow_none=True)


class DeliveriesView(View):
    deliveries = fields.List(fields.Nested(DeliveryView), required=True)
    next = Next("before")


def show_hook(
    hook: OutgoingWebhook, opened: Sealed, maker: User, *, shows_secret: bool = False
) -> dict[str, Any]:
    """Return an OutgoingWebhookView."""
    shown = {
        "id": str(hook.id),
        "room_id": str(hook.room_id),
        "name": opened.name,
        "url": opened.url,
        "events": list(hook.events),
        "enabled": hook.is_on,
        "off_reason": hook.off_why,
        "off_since": hook.off_at and rfc3339(hook.off_at),
        "failing_since": hook.failing_since and rfc3339(hook.failing_since),
        "next_try_at": hook.due_at and rfc3339(hook.due_at),
        "made_by": show_user(maker),
        "created_at": rfc3339(hook.created_at),
    }
    return shown | {"secret": opened.secret} if shows_secret else shown


def show_delivery(delivery: WebhookDelivery, sentence: str) -> dict[str, Any]:
    """Return a DeliveryView. `sentence`: what happened."""
    return {
        "id": str(delivery.id),
        "event": delivery.event,
        "seq": delivery.seq,
        "webhook_id": delivery.webhook_id,
        "tries": delivery.tries,
        "delivered": delivery.is_delivered,
        "status": delivery.status,
        "sentence": sentence,
        "answer": delivery.said,
        "milliseconds": delivery.took,
        "at": rfc3339(delivery.at),
        "next_try_at": delivery.next_at and rfc3339(delivery.next_at),
    }
