"""Serve the pages on which moderators look after a room's outgoing webhooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import rooms
from chat.controllers.outgoing_webhooks import hooks, trying
from chat.models.log import DELETED, EDITED, PINNED, POSTED, REACTED
from chat.models.webhook_delivery import TEST, WebhookDelivery
from chat.routes.authentication import CSRF_FIELD
from chat.routes.pages.forms import change_or_explain, load, read_query, refuse
from chat.routes.pages.once import once
from chat.routes.pages.questions import Question
from chat.schemas.outgoing_webhooks import (
    DeliveriesQuery,
    OutgoingWebhookInput,
    show_delivery,
    show_hook,
)
from chat.schemas.rooms import show_room
from chat.utils.errors import ChatError, NotFound
from chat.utils.sentences import N_
from chat.utils.translation import _, said

outgoing_webhooks = Blueprint("outgoing_webhooks", __name__)

# What the choice of events calls them.
EVENTS = {
    POSTED: N_("New messages"),
    EDITED: N_("Edits"),
    DELETED: N_("Deletions"),
    REACTED: N_("Reactions"),
    PINNED: N_("Pins"),
}
# What one delivery is about.
SUBJECTS = {
    POSTED: N_("New message"),
    EDITED: N_("Edited message"),
    DELETED: N_("Deleted message"),
    REACTED: N_("Reaction"),
    PINNED: N_("Pinned message"),
    TEST: N_("Test"),
}


@outgoing_webhooks.get("/rooms/<room_id>/outgoing-webhooks")
def show(room_id: str) -> str:
    return _list_page(room_id)


@outgoing_webhooks.post("/rooms/<room_id>/outgoing-webhooks")
def make(room_id: str) -> AnyResponse | tuple[str, int]:
    """Make a webhook, and show its secret, which happens once."""
    try:
        made = hooks.make(g.person, room_id, **_form())
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_list_page(room_id, mistake), mistake)
    return _hook_page(room_id, str(made.hook.id), secret=made.opened.secret), 201


@outgoing_webhooks.get("/rooms/<room_id>/outgoing-webhooks/<hook_id>")
def show_one(room_id: str, hook_id: str) -> str:
    return _hook_page(room_id, hook_id)


@outgoing_webhooks.post("/rooms/<room_id>/outgoing-webhooks/<hook_id>")
def change(room_id: str, hook_id: str) -> AnyResponse:
    return _change(room_id, hook_id, _form)


@outgoing_webhooks.post("/rooms/<room_id>/outgoing-webhooks/<hook_id>/on")
def turn_on(room_id: str, hook_id: str) -> AnyResponse:
    from_now = request.form.get("from_now") == "true"
    return _change(room_id, hook_id, lambda: {"enabled": True, "from_now": from_now})


@outgoing_webhooks.post("/rooms/<room_id>/outgoing-webhooks/<hook_id>/off")
def turn_off(room_id: str, hook_id: str) -> AnyResponse:
    return _change(room_id, hook_id, lambda: {"enabled": False})


@outgoing_webhooks.get("/rooms/<room_id>/outgoing-webhooks/<hook_id>/secret")
def ask_renew_secret(room_id: str, hook_id: str) -> str:
    seen, _room = hooks.find(g.person, hook_id, room_id)
    question = _renewing(room_id, hook_id, seen.opened.name)
    return render_template("question.html", question=question)


@outgoing_webhooks.post("/rooms/<room_id>/outgoing-webhooks/<hook_id>/secret")
def renew_secret(room_id: str, hook_id: str) -> tuple[str, int]:
    """Make another secret, and show it, which happens once."""
    changed = hooks.change(g.person, room_id, hook_id, is_new_secret=True)
    return _hook_page(room_id, hook_id, secret=changed.opened.secret), 201


@outgoing_webhooks.get("/rooms/<room_id>/outgoing-webhooks/<hook_id>/remove")
def ask_remove(room_id: str, hook_id: str) -> str:
    seen, _room = hooks.find(g.person, hook_id, room_id)
    return render_template("question.html", question=_removing(room_id, hook_id, seen.opened.name))


@outgoing_webhooks.post("/rooms/<room_id>/outgoing-webhooks/<hook_id>/remove")
@once
def remove(room_id: str, hook_id: str) -> AnyResponse:
    hooks.remove(g.person, room_id, hook_id)
    return redirect(url_for("pages.outgoing_webhooks.show", room_id=room_id), 303)


@outgoing_webhooks.post("/rooms/<room_id>/outgoing-webhooks/<hook_id>/test")
def test(room_id: str, hook_id: str) -> AnyResponse:
    return change_or_explain(
        lambda: trying.test(g.person, room_id, hook_id),
        partial(_hook_page, room_id, hook_id),
        _path(room_id, hook_id),
    )


@outgoing_webhooks.post(
    "/rooms/<room_id>/outgoing-webhooks/<hook_id>/deliveries/<delivery_id>/retry"
)
def retry(room_id: str, hook_id: str, delivery_id: str) -> AnyResponse:
    return change_or_explain(
        lambda: trying.retry(g.person, hook_id, delivery_id),
        partial(_hook_page, room_id, hook_id),
        _path(room_id, hook_id),
    )


def _change(room_id: str, hook_id: str, changes: Callable[[], dict[str, Any]]) -> AnyResponse:
    return change_or_explain(
        lambda: hooks.change(g.person, room_id, hook_id, **changes()),
        partial(_hook_page, room_id, hook_id),
        _path(room_id, hook_id),
    )


def _renewing(room_id: str, hook_id: str, name: str) -> Question:
    return Question(
        _("A new secret for {name}?", name=name),
        _("The old secret ends at once. Until its server has the new one, it refuses messages."),
        _("New secret"),
        url_for("pages.outgoing_webhooks.renew_secret", room_id=room_id, hook_id=hook_id),
        url_for("pages.outgoing_webhooks.ask_renew_secret", room_id=room_id, hook_id=hook_id),
        _path(room_id, hook_id),
    )


def _removing(room_id: str, hook_id: str, name: str) -> Question:
    return Question(
        _("Remove {name}?", name=name),
        _("Its server gets nothing more from this room. The record of its deliveries is deleted."),
        _("Remove"),
        url_for("pages.outgoing_webhooks.remove", room_id=room_id, hook_id=hook_id),
        url_for("pages.outgoing_webhooks.ask_remove", room_id=room_id, hook_id=hook_id),
        _path(room_id, hook_id),
    )


def _path(room_id: str, hook_id: str) -> str:
    return url_for("pages.outgoing_webhooks.show_one", room_id=room_id, hook_id=hook_id)


def _form() -> dict[str, Any]:
    """Return the form: a browser sends each chosen event. Raises ValidationFailed."""
    texts = {name: text for name, text in request.form.items() if name != CSRF_FIELD}
    return load(OutgoingWebhookInput, texts | {"events": request.form.getlist("events")})


def _list_page(room_id: str, mistake: ChatError | None = None) -> str:
    mine = rooms.show(g.person, room_id)
    return render_template(
        "rooms/outgoing_webhooks.html",
        room=show_room(mine),
        hooks=[show_hook(*each) for each in hooks.list_of(g.person, room_id)],
        events=_events(request.form.getlist("events") or [POSTED]),
        form=request.form,
        mistake=mistake,
    )


def _hook_page(
    room_id: str, hook_id: str, mistake: ChatError | None = None, *, secret: str = ""
) -> str:
    hooks.find(g.person, hook_id, room_id)
    seen, _room, found = trying.page(g.person, hook_id, **read_query(DeliveriesQuery))
    hook = show_hook(*seen)
    return render_template(
        "rooms/outgoing_webhook.html",
        room=show_room(rooms.show(g.person, room_id)),
        hook=hook,
        secret=secret,
        renewing=_renewing(room_id, hook_id, hook["name"]),
        question=_removing(room_id, hook_id, hook["name"]),
        deliveries=_numbered([_delivery(each, hook) for each in found.items]),
        following=found.following,
        events=_events(request.form.getlist("events") if mistake else hook["events"]),
        form=request.form if mistake else {},
        mistake=mistake,
    )


def _delivery(delivery: WebhookDelivery, hook: dict[str, Any]) -> dict[str, Any]:
    """Return a DeliveryView with its subject and the head of its request. Its body is not kept.

    Only the try that the webhook waits for has its `next_try_at`. What the sentence says already
    is no answer.
    """
    result = trying.result_of(delivery)
    shown = show_delivery(delivery, said(trying.RESULTS[result]))
    its_id = shown["webhook_id"]
    head = f"POST {hook['url']}" + (f"\nwebhook-id: {its_id}" if its_id else "")
    is_next = shown["next_try_at"] == hook["next_try_at"]
    is_told = not delivery.status and result != "unreachable"
    return shown | {
        "subject": said(SUBJECTS.get(delivery.event, delivery.event)),
        "request": head,
        "next_try_at": shown["next_try_at"] if is_next else None,
        "answer": "" if is_told else shown["answer"],
    }


def _numbered(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add `number`, of the tries of one entry, and `is_last`: whether no later one is shown.

    A try without others has no number. `shown`: the latest first.
    """
    tries = Counter(each["webhook_id"] for each in shown)
    later: set[str | None] = set()
    for each in shown:
        its_id = each["webhook_id"]
        has_others = its_id and (tries[its_id] > 1 or each["tries"] > 1)
        each["number"] = each["tries"] if has_others else None
        each["is_last"] = its_id is None or its_id not in later
        later.add(its_id)
    return shown


def _events(chosen: list[str]) -> list[tuple[str, str, bool]]:
    """Return (event, what it is called, whether it is chosen) of all events."""
    return [(event, said(title), event in chosen) for event, title in EVENTS.items()]
