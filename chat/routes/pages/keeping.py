"""Choose for how many days messages are kept: a room's owners, and administrators for the chat.

A choice that deletes something is asked about first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import chat_settings, retention, retention_preview
from chat.controllers.retention_preview import WouldDelete
from chat.routes.pages.administration import page as page_of_chat
from chat.routes.pages.forms import load, refuse
from chat.routes.pages.questions import Question
from chat.routes.pages.room_settings import page as page_of_room
from chat.schemas.chat_settings import ChatSettingsInput
from chat.schemas.retention import RetentionInput
from chat.utils.errors import ChatError
from chat.utils.translation import _, ngettext

keeping = Blueprint("keeping", __name__)


@keeping.post("/rooms/<room_id>/retention")
def choose(room_id: str) -> AnyResponse | str:
    mine = retention.show(g.person, room_id)
    back = url_for("pages.room_settings.show", room_id=room_id, _anchor="retention")
    typed = request.form.get("days", "")
    try:
        days = load(RetentionInput, {"days": _number(typed) if typed.strip() else None})["days"]
        deletes = retention_preview.would_delete_in(mine, days)
        if question := _question(deletes, request.path, back, {"days": typed}):
            return question
        retention.choose(g.person, room_id, days)
    except ChatError as mistake:
        return refuse(page_of_room(room_id, mistake), mistake)
    return redirect(url_for("pages.room_settings.show", room_id=room_id, saved="retention"), 303)


@keeping.post("/admin/settings/retention")
def choose_for_chat() -> AnyResponse | str:
    names = ("retention_days", "keeps_pinned")
    sent = {name: request.form[name] for name in names if name in request.form}
    values: dict[str, Any] = {**sent}
    if "retention_days" in sent:  # else the server sets it
        values["retention_days"] = _number(sent["retention_days"])
    if "keeps_pinned" in sent:
        values["keeps_pinned"] = sent["keeps_pinned"] == "true"
    try:
        changes = load(ChatSettingsInput, values)
        deletes = retention_preview.would_delete(g.person, **changes)
        back = url_for("pages.administration.show", _anchor="retention")
        if question := _question(deletes, request.path, back, sent):
            return question
        chat_settings.change(g.person, **changes)
    except ChatError as mistake:
        return refuse(page_of_chat(mistake), mistake)
    return redirect(url_for("pages.administration.show", saved="retention"), 303)


def _number(typed: str) -> int | str:
    """Return the number that a field has; anything else as it is, for the schema to refuse."""
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else typed


def _question(deletes: WouldDelete, action: str, back: str, sent: Mapping[str, str]) -> str | None:
    """Return the page that asks, unless nothing is deleted or the person said yes already."""
    if request.form.get("confirmed") or (deletes.is_whole and not deletes.messages):
        return None
    question = Question(
        ngettext(
            "Delete up to one message?",
            "Delete up to {count} messages?",
            deletes.messages,
        )
        if deletes.is_whole
        else _(
            "Delete {count} messages, and those of rooms yet to be counted?", count=deletes.messages
        ),
        ngettext(
            "These messages of one room go away for everyone, with their pictures. You can’t undo "
            "this.",
            "These messages of {count} rooms go away for everyone, with their pictures. You can’t "
            "undo this.",
            deletes.rooms,
        ),
        _("Delete"),
        action,
        action,
        back,
        sent={**sent, "confirmed": "true"},
    )
    return render_template("question.html", question=question)
