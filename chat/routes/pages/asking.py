"""Ask, on a page of its own, before something of a room or a person goes away.

A script asks the same in a dialog, without going there.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import memberships, people, rooms
from chat.controllers import messages as verbs
from chat.routes.pages import questions
from chat.routes.pages.forms import own_path
from chat.routes.pages.questions import Question
from chat.schemas.messages import show_message
from chat.schemas.rooms import show_room
from chat.utils.errors import NotFound
from chat.utils.translation import _

asking = Blueprint("asking", __name__)


@asking.get("/people/<user_id>/block")
def block(user_id: str) -> str:
    user = people.show(user_id)
    return _ask(questions.block(user_id, user.label, own_path(request.args.get("next"), "")))


@asking.get("/rooms/<room_id>/members/<user_id>/remove")
def remove_member(room_id: str, user_id: str) -> str:
    room = _room(room_id, "remove members")
    return _ask(questions.remove_member(room, user_id, people.show(user_id).label))


@asking.get("/rooms/<room_id>/leave")
def leave_room(room_id: str) -> str | AnyResponse:
    room = _room(room_id, "leave")
    if memberships.is_last_owner(g.person, room_id):  # the settings say what to do first
        return redirect(url_for("pages.room_settings.show", room_id=room_id))
    return _ask(questions.leave_room(room))


@asking.get("/rooms/<room_id>/delete")
def delete_room(room_id: str) -> str:
    return _ask(questions.delete_room(_room(room_id, "delete room")))


@asking.get("/rooms/<room_id>/messages/<message_id>/delete")
def delete_message(room_id: str, message_id: str) -> str:
    message = show_message(verbs.show(g.person, message_id))
    if message["room_id"] != room_id:
        raise NotFound(_("There is no such message."))
    return _ask(questions.delete_message(message))


def _room(room_id: str, verb: str) -> dict[str, Any]:
    """Return a room in which the person may do this. Raises NotFound, Forbidden."""
    return show_room(rooms.show(g.person, room_id).must(verb))


def _ask(question: Question) -> str:
    return render_template("question.html", question=question)
