"""Serve the page of a room's integrations: tools that post, servers that listen, bots."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import incoming_webhooks as verbs
from chat.controllers import readers, rooms
from chat.controllers.outgoing_webhooks import hooks as outgoing
from chat.routes.hooks import url_of
from chat.routes.pages.forms import read_form, refuse
from chat.routes.pages.once import once
from chat.routes.pages.questions import Question
from chat.schemas.incoming_webhooks import IncomingWebhookInput, show_hook
from chat.schemas.outgoing_webhooks import show_hook as show_outgoing
from chat.schemas.rooms import show_room
from chat.schemas.users import show_user
from chat.utils.errors import ChatError, NotFound
from chat.utils.translation import _

integrations = Blueprint("integrations", __name__)

PATH = "/rooms/<room_id>/integrations"


@integrations.get(PATH)
def show(room_id: str) -> str:
    return _page(room_id)


@integrations.post(PATH)
def make(room_id: str) -> AnyResponse | tuple[str, int]:
    """Make an incoming webhook, and show its address, which happens once."""
    try:
        made, secret = verbs.make(g.person, room_id, read_form(IncomingWebhookInput)["name"])
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(_page(room_id, mistake=mistake), mistake)
    return _page(room_id, made=show_hook(*made, url_of(secret))), 201


@integrations.get(f"{PATH}/<hook_id>/exchange")
def ask_exchange(room_id: str, hook_id: str) -> str:
    hook = verbs.find(g.person, room_id, hook_id).hook
    return render_template("question.html", question=_exchanging(room_id, hook_id, hook.name))


@integrations.post(f"{PATH}/<hook_id>/exchange")
def exchange(room_id: str, hook_id: str) -> tuple[str, int]:
    """Give a webhook another address, and show it, which happens once."""
    found, secret = verbs.exchange_address(g.person, room_id, hook_id)
    return _page(room_id, made=show_hook(*found, url_of(secret))), 201


@integrations.get(f"{PATH}/<hook_id>/remove")
def ask_remove(room_id: str, hook_id: str) -> str:
    hook = verbs.find(g.person, room_id, hook_id).hook
    return render_template("question.html", question=_removing(room_id, hook_id, hook.name))


@integrations.post(f"{PATH}/<hook_id>/remove")
@once
def remove(room_id: str, hook_id: str) -> AnyResponse:
    verbs.remove(g.person, room_id, hook_id)
    return redirect(_path(room_id), 303)


def _page(
    room_id: str, *, made: dict[str, Any] | None = None, mistake: ChatError | None = None
) -> str:
    hooks = [show_hook(*each) for each in verbs.list_of(g.person, room_id)]
    mine = rooms.show(g.person, room_id)
    return render_template(
        "rooms/integrations.html",
        room=show_room(mine),
        made=made,
        hooks=[(hook, *_questions(room_id, hook)) for hook in hooks],
        outgoing=[show_outgoing(*each) for each in outgoing.list_of(g.person, room_id)],
        bots=[show_user(bot) for bot in readers.bots_in(mine.room)],
        form=request.form if mistake else {},
        mistake=mistake,
    )


def _questions(room_id: str, hook: dict[str, Any]) -> tuple[Question, Question]:
    about = room_id, hook["id"], hook["name"]
    return _exchanging(*about), _removing(*about)


def _exchanging(room_id: str, hook_id: str, name: str) -> Question:
    return Question(
        _("Exchange the address of {name}?", name=name),
        _("The old address stops working at once. You get a new one for the tool."),
        _("Exchange"),
        url_for("pages.integrations.exchange", room_id=room_id, hook_id=hook_id),
        url_for("pages.integrations.ask_exchange", room_id=room_id, hook_id=hook_id),
        _path(room_id),
    )


def _removing(room_id: str, hook_id: str, name: str) -> Question:
    return Question(
        _("Remove {name}?", name=name),
        _("The tool can no longer post here. Its messages stay."),
        _("Remove"),
        url_for("pages.integrations.remove", room_id=room_id, hook_id=hook_id),
        url_for("pages.integrations.ask_remove", room_id=room_id, hook_id=hook_id),
        _path(room_id),
    )


def _path(room_id: str) -> str:
    return url_for("pages.integrations.show", room_id=room_id)
