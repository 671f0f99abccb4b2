"""`/push/key` and `/me/push-subscriptions`: messages that reach a browser without an open page."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import sessions
from chat.controllers.pushes import subscriptions
from chat.models.push_subscription import Target
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.push import (
    PushKeyView,
    PushSubscriptionInput,
    PushSubscriptionsView,
    PushSubscriptionView,
    PushTestView,
    show_key,
    show_subscription,
    show_subscriptions,
    show_test,
)
from chat.utils.translation import said

push = Blueprint("push", __name__, description="Push messages to your browsers")


@push.get("/push/key", name="getPushKey")
@push.response(200, PushKeyView)
def show_application_key() -> Response:
    """Get the key for which a browser subscribes

    It stays the same.
    """
    return json_answer(show_key(subscriptions.key()))


@push.get("/me/push-subscriptions", name="listMyPushSubscriptions")
@push.response(200, PushSubscriptionsView)
def list_mine() -> Response:
    """List the browsers that get push messages for you, the last used first"""
    found = subscriptions.list_of(g.person)
    shown = show_subscriptions(found, sessions.list_of(g.person), g.session)
    return json_answer({"subscriptions": shown, "next": None})


@push.post("/me/push-subscriptions", name="addPushSubscription")
@push.arguments(PushSubscriptionInput)
@push.response(201, PushSubscriptionView)
def add(body: dict[str, Any]) -> Response:
    """Let a browser get push messages for you

    Send what the browser's `PushSubscription.toJSON()` returns. The subscription ends with your
    session. With more than 20, the one that was used longest ago ends.
    """
    target = Target(body["endpoint"], body["keys"]["p256dh"], body["keys"]["auth"])
    added = subscriptions.add(g.person, g.session, target)
    return json_answer(show_subscription(added, g.session.device, g.session), 201)


@push.delete("/me/push-subscriptions/<id:subscription_id>", name="removePushSubscription")
@push.response(204)
def remove(subscription_id: str) -> tuple[Any, int]:
    """Send no more push messages to a browser"""
    subscriptions.remove(g.person, subscription_id)
    return "", 204


@push.post("/me/push-subscriptions/<id:subscription_id>/test", name="testPushSubscription")
@push.response(200, PushTestView)
def test(subscription_id: str) -> Response:
    """Send a push message to a browser, to see whether it arrives

    Answers when the push service has. A subscription that is gone is removed.
    """
    outcome = subscriptions.test(g.person, subscription_id)
    sentence = said(subscriptions.RESULTS[subscriptions.result_of(outcome)])
    return json_answer(show_test(outcome, sentence))
