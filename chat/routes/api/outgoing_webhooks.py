"""`/rooms/<id>/outgoing-webhooks` and `/outgoing-webhooks/<id>/deliveries`."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers.api_tokens import must_have
from chat.controllers.outgoing_webhooks import hooks, trying
from chat.models.webhook_delivery import WebhookDelivery
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.outgoing_webhooks import (
    DeliveriesQuery,
    DeliveriesView,
    DeliveryView,
    OutgoingWebhookChangeInput,
    OutgoingWebhookInput,
    OutgoingWebhooksView,
    OutgoingWebhookView,
    show_delivery,
    show_hook,
)
from chat.utils.translation import said

outgoing_webhooks = Blueprint(
    "outgoing_webhooks", __name__, description="Other servers that get a room's news"
)

# Whoever chooses where messages go reads them there, and what a receiver says may repeat them: so a
# token has to have this scope, too.
READ = "read"


@outgoing_webhooks.get(
    "/rooms/<id:room_id>/outgoing-webhooks", name="listOutgoingWebhooks", scope="manage"
)
@outgoing_webhooks.response(200, OutgoingWebhooksView)
def list_some(room_id: str) -> Response:
    """List a room's outgoing webhooks, the oldest first

    For owners and moderators.
    """
    shown = [show_hook(*each) for each in hooks.list_of(g.person, room_id)]
    return json_answer({"outgoing_webhooks": shown, "next": None})


@outgoing_webhooks.post(
    "/rooms/<id:room_id>/outgoing-webhooks", name="makeOutgoingWebhook", scope="manage"
)
@outgoing_webhooks.arguments(OutgoingWebhookInput)
@outgoing_webhooks.response(201, OutgoingWebhookView)
def make(body: dict[str, Any], room_id: str) -> Response:
    """Make an outgoing webhook, which gets the room's entries from now on

    For owners and moderators. The answer is the only one that has the secret. Each entry is a POST
    as Standard Webhooks says, in order, at least once. A token needs the scope `read` as well.
    conflict with 20 webhooks in the room, or with 50 that the same person made.
    """
    must_have(g.session, READ)
    made = hooks.make(g.person, room_id, **body)
    return json_answer(show_hook(*made, shows_secret=True), 201)


@outgoing_webhooks.patch(
    "/rooms/<id:room_id>/outgoing-webhooks/<id:hook_id>",
    name="changeOutgoingWebhook",
    scope="manage",
)
@outgoing_webhooks.arguments(OutgoingWebhookChangeInput)
@outgoing_webhooks.response(200, OutgoingWebhookView)
def change(body: dict[str, Any], room_id: str, hook_id: str) -> Response:
    """Change an outgoing webhook, switch it off or on, or give it a new secret

    For owners and moderators. A token needs the scope `read` as well.
    """
    must_have(g.session, READ)
    is_new_secret = body.pop("new_secret")
    changed = hooks.change(g.person, room_id, hook_id, is_new_secret=is_new_secret, **body)
    return json_answer(show_hook(*changed, shows_secret=is_new_secret))


@outgoing_webhooks.delete(
    "/rooms/<id:room_id>/outgoing-webhooks/<id:hook_id>",
    name="removeOutgoingWebhook",
    scope="manage",
)
@outgoing_webhooks.response(204)
def remove(room_id: str, hook_id: str) -> tuple[Any, int]:
    """Remove an outgoing webhook, and the record of its deliveries

    For owners and moderators.
    """
    hooks.remove(g.person, room_id, hook_id)
    return "", 204


@outgoing_webhooks.post(
    "/rooms/<id:room_id>/outgoing-webhooks/<id:hook_id>/test",
    name="testOutgoingWebhook",
    scope="manage",
)
@outgoing_webhooks.response(200, DeliveryView)
def test(room_id: str, hook_id: str) -> Response:
    """Send a request of the type `test` to a webhook's receiver

    For owners and moderators. Answers when the receiver has. A token needs the scope `read` as
    well.
    """
    must_have(g.session, READ)
    return json_answer(_shown(trying.test(g.person, room_id, hook_id)))


@outgoing_webhooks.get(
    "/outgoing-webhooks/<id:hook_id>/deliveries", name="listDeliveries", scope="manage"
)
@outgoing_webhooks.arguments(DeliveriesQuery, location="query")
@outgoing_webhooks.response(200, DeliveriesView)
def list_deliveries(query: dict[str, Any], hook_id: str) -> Response:
    """List what was sent to a webhook, and what its receiver said, the latest first

    For owners and moderators. Each try is kept for a week. A token needs the scope `read` as well.
    """
    must_have(g.session, READ)
    *_hook, found = trying.page(g.person, hook_id, **query)
    shown = [_shown(each) for each in found.items]
    return json_answer({"deliveries": shown, "next": found.following})


@outgoing_webhooks.post(
    "/outgoing-webhooks/<id:hook_id>/deliveries/<id:delivery_id>/retry",
    name="retryDelivery",
    scope="manage",
)
@outgoing_webhooks.response(200, DeliveryView)
def retry(hook_id: str, delivery_id: str) -> Response:
    """Send once more what a delivery was about

    For owners and moderators. The request has the same `webhook-id`, and the message as it is now.
    Answers when the receiver has. A token needs the scope `read` as well.
    """
    must_have(g.session, READ)
    return json_answer(_shown(trying.retry(g.person, hook_id, delivery_id)))


def _shown(delivery: WebhookDelivery) -> dict[str, Any]:
    return show_delivery(delivery, said(trying.RESULTS[trying.result_of(delivery)]))
