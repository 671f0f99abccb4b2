"""Serve the settings of a room as one page, which also explains a failed change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import memberships, retention, rooms
from chat.routes.pages import questions
from chat.routes.pages.forms import change_or_explain, load, own_path, read_form
from chat.routes.pages.once import once
from chat.schemas.retention import show_retention
from chat.schemas.rooms import NotificationsInput, RoomChangeInput, show_room
from chat.utils.errors import ChatError, ValidationFailed
from chat.utils.translation import _

room_settings = Blueprint("room_settings", __name__)

FIELDS = ("name", "topic", "kind")  # of the form that changes a room


@room_settings.get("/rooms/<room_id>/settings")
def show(room_id: str) -> str:
    return page(room_id)


@room_settings.post("/rooms/<room_id>/notifications")
def choose_notifications(room_id: str) -> AnyResponse:
    def choose() -> None:
        memberships.choose_notifications(g.person, room_id, **read_form(NotificationsInput))

    there = url_for("pages.room_settings.show", room_id=room_id, saved="notifications")
    done = own_path(request.args.get("next"), there)
    return change_or_explain(choose, partial(page, room_id), done)


@room_settings.post("/rooms/<room_id>/change")
def change_room(room_id: str) -> AnyResponse | str:
    """Change the room. To let everybody read a private one is asked about first."""
    opens = request.form.get("kind") == "public" and not request.form.get("confirmed")
    mine = rooms.show(g.person, room_id)
    if opens and mine.room.kind == "private" and mine.may("change kind"):
        return render_template("question.html", question=_opening(room_id))

    def change() -> None:
        typed = {name: request.form[name] for name in FIELDS if name in request.form}
        rooms.change(g.person, room_id, **load(RoomChangeInput, typed))

    return _change(room_id, change, saved="room")


@room_settings.post("/rooms/<room_id>/archive")
def archive_room(room_id: str) -> AnyResponse:
    return _change(room_id, lambda: rooms.change(g.person, room_id, archived=True))


@room_settings.post("/rooms/<room_id>/unarchive")
def unarchive_room(room_id: str) -> AnyResponse:
    return _change(room_id, lambda: rooms.change(g.person, room_id, archived=False))


@room_settings.post("/rooms/<room_id>/leave")
@once
def leave(room_id: str) -> AnyResponse:
    return _change(room_id, lambda: memberships.leave(g.person, room_id), is_gone=True)


@room_settings.post("/rooms/<room_id>/delete")
@once
def delete_room(room_id: str) -> AnyResponse:
    """Delete a room for somebody who typed its name."""

    def delete() -> None:
        name = rooms.show(g.person, room_id).must("delete room").room.name
        if request.form.get("typed", "").strip() != name:
            raise ValidationFailed(_("To delete the room, type its name: {name}", name=name))
        rooms.delete(g.person, room_id)

    def ask_again(mistake: ChatError) -> str:
        question = questions.delete_room(show_room(rooms.show(g.person, room_id)))
        return render_template("question.html", question=question, mistake=mistake)

    return change_or_explain(delete, ask_again, url_for("pages.rooms.list_mine"))


def _opening(room_id: str) -> questions.Question:
    """Return the question before a private room is public, which sends the form again."""
    action = url_for("pages.room_settings.change_room", room_id=room_id)
    sent = {name: request.form[name] for name in FIELDS if name in request.form}
    return questions.Question(
        _("Let everyone read this room?"),
        _("Everyone here can then find it, join it, and read all messages, also the earlier ones."),
        _("Make it public"),
        action,
        action,
        url_for("pages.room_settings.show", room_id=room_id),
        sent={**sent, "confirmed": "true"},
    )


def _change(
    room_id: str, change: Callable[[], object], *, saved: str | None = None, is_gone: bool = False
) -> AnyResponse:
    """Make the change, and redirect to the settings, which say what is `saved`.

    From a room that is gone, redirect to the person's rooms.
    """
    done = url_for("pages.room_settings.show", room_id=room_id, saved=saved)
    if is_gone:
        done = url_for("pages.rooms.list_mine")
    return change_or_explain(change, partial(page, room_id), done)


def page(room_id: str, mistake: ChatError | None = None) -> str:
    """Return the settings of a room, which say what was wrong with a form. Raises NotFound."""
    mine = rooms.show(g.person, room_id)
    return render_template(
        "rooms/settings.html",
        room=show_room(mine),
        may=mine.may,
        is_last_owner=memberships.is_last_owner(g.person, room_id),
        is_hidden=not mine.is_listed,
        retention=show_retention(*retention.terms_of(mine.room)),
        chosen_days=mine.room.retention.days,
        chooses_retention=retention.may_choose(g.person, mine),
        mistake=mistake,
        form=request.form,
        saved=request.args.get("saved"),
    )
