"""`/rooms/<id>/incoming-webhooks`: the addresses at which tools post into a room."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import incoming_webhooks as verbs
from chat.routes.api.parsing import Blueprint
from chat.routes.hooks import url_of
from chat.routes.responses import json_answer
from chat.schemas.incoming_webhooks import (
    IncomingWebhookInput,
    IncomingWebhooksView,
    IncomingWebhookView,
    show_hook,
)

PATH = "/rooms/<id:room_id>/incoming-webhooks"
incoming_webhooks = Blueprint(
    "incoming_webhooks", __name__, description="Addresses at which tools post into a room"
)


@incoming_webhooks.get(PATH, name="listIncomingWebhooks", scope="manage")
@incoming_webhooks.response(200, IncomingWebhooksView)
def list_some(room_id: str) -> Response:
    """List a room's incoming webhooks, the oldest first

    For owners and moderators.
    """
    shown = [show_hook(*each) for each in verbs.list_of(g.person, room_id)]
    return json_answer({"incoming_webhooks": shown, "next": None})


@incoming_webhooks.post(PATH, name="makeIncomingWebhook", scope="manage")
@incoming_webhooks.arguments(IncomingWebhookInput)
@incoming_webhooks.response(201, IncomingWebhookView)
def make(body: dict[str, Any], room_id: str) -> Response:
    """Make an incoming webhook

    For owners and moderators. The answer is the only one that has `url`. `curl -d '{"text":
    "deploy done"}' URL` posts. conflict with 20 webhooks.
    """
    made, secret = verbs.make(g.person, room_id, body["name"])
    return json_answer(show_hook(*made, url_of(secret)), 201)


@incoming_webhooks.patch(f"{PATH}/<id:hook_id>", name="renameIncomingWebhook", scope="manage")
@incoming_webhooks.arguments(IncomingWebhookInput)
@incoming_webhooks.response(200, IncomingWebhookView)
def rename(body: dict[str, Any], room_id: str, hook_id: str) -> Response:
    """Rename an incoming webhook"""
    return json_answer(show_hook(*verbs.rename(g.person, room_id, hook_id, body["name"])))


@incoming_webhooks.post(
    f"{PATH}/<id:hook_id>/url", name="exchangeIncomingWebhookUrl", scope="manage"
)
@incoming_webhooks.response(200, IncomingWebhookView)
def exchange(room_id: str, hook_id: str) -> Response:
    """Exchange the address of an incoming webhook

    The old one is not_found from now on.
    """
    found, secret = verbs.exchange_address(g.person, room_id, hook_id)
    return json_answer(show_hook(*found, url_of(secret)))


@incoming_webhooks.delete(f"{PATH}/<id:hook_id>", name="removeIncomingWebhook", scope="manage")
@incoming_webhooks.response(204)
def remove(room_id: str, hook_id: str) -> tuple[Any, int]:
    """Remove an incoming webhook

    Its messages stay.
    """
    verbs.remove(g.person, room_id, hook_id)
    return "", 204
