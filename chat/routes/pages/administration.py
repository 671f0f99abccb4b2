"""Serve the pages for administrators of the chat."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import chat_settings, current_chat, default_rooms
from chat.routes.pages import questions
from chat.routes.pages.forms import load, read_form, refuse, sent_picture
from chat.routes.visitors import has_hung_up
from chat.schemas.chat_settings import ChatSettingsInput, show_chat_settings
from chat.utils.errors import ChatError, ValidationFailed

administration = Blueprint("administration", __name__, url_prefix="/admin")


@administration.get("/settings")
def show() -> str:
    return page()


@administration.post("/settings")
def change() -> AnyResponse:
    try:
        chat_settings.change(g.person, **read_form(ChatSettingsInput))
    except ValidationFailed as mistake:
        return refuse(page(mistake), mistake)
    return _saved("settings")


@administration.post("/settings/default-rooms")
def choose_default_rooms() -> AnyResponse:
    try:
        chosen = request.form.getlist("default_room_ids")
        chat_settings.change(g.person, **load(ChatSettingsInput, {"default_room_ids": chosen}))
    except ValidationFailed as mistake:
        return refuse(page(mistake), mistake)
    return _saved("rooms")


@administration.post("/first-steps/hide")
def hide_first_steps() -> AnyResponse:
    chat_settings.change(g.person, hides_first_steps=True)
    return redirect(url_for("pages.rooms.list_mine"), 303)


@administration.post("/settings/icon")
def change_icon() -> AnyResponse:
    try:
        chat_settings.change_icon(g.person, sent_picture(), has_hung_up())
    except ChatError as mistake:
        return refuse(page(mistake), mistake)
    return _saved("icon")


@administration.get("/settings/icon/remove")
def ask_remove_icon() -> str:
    chat_settings.show(g.person)
    return render_template("question.html", question=questions.remove_icon())


@administration.post("/settings/icon/remove")
def remove_icon() -> AnyResponse:
    chat_settings.remove_icon(g.person)
    return _saved("icon")


def page(mistake: ChatError | None = None) -> str:
    """Return the settings of the chat, which say what was wrong with a form. Raises Forbidden."""
    settings = chat_settings.show(g.person)
    fixed = current_chat.fixed()
    chosen = default_rooms.find(settings)
    return render_template(
        "settings/chat.html",
        settings=show_chat_settings(settings, chosen, fixed),
        rooms=default_rooms.choices(g.person, chosen),
        fixed=fixed,
        mistake=mistake,
        form=request.form,
        saved=request.args.get("saved"),
    )


def _saved(what: str) -> AnyResponse:
    return redirect(url_for("pages.administration.show", saved=what), 303)
