"""Try and remove the devices that get push messages, on the page of notifications."""

from __future__ import annotations

from flask import Blueprint, g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers.pushes import subscriptions
from chat.routes.pages.once import once

push = Blueprint("push", __name__)


@push.post("/settings/notifications/devices/<subscription_id>/test")
def test(subscription_id: str) -> AnyResponse:
    outcome = subscriptions.test(g.person, subscription_id)
    return _back(tested=subscriptions.result_of(outcome))


@push.post("/settings/notifications/devices/<subscription_id>/remove")
@once
def remove(subscription_id: str) -> AnyResponse:
    subscriptions.remove(g.person, subscription_id)
    return _back()


def _back(tested: str | None = None) -> AnyResponse:
    return redirect(url_for("pages.notifications.show", tested=tested, _anchor="push"), 303)
