"""Serve the exports that somebody asked for, as a page of the settings."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import prepared_exports
from chat.routes.export_file import file_answer
from chat.routes.pages.forms import refuse
from chat.routes.pages.once import once
from chat.routes.pages.questions import Question
from chat.schemas.exports import show_exports
from chat.utils.errors import ChatError
from chat.utils.translation import _

exports = Blueprint("exports", __name__)


@exports.get("/settings/exports")
def show() -> str:
    """Show the person's exports, the newest first."""
    return _page()


@exports.post("/settings/exports")
@once
def ask_for_own() -> AnyResponse:
    return _ask(lambda: prepared_exports.ask_for_own(g.person))


@exports.post("/rooms/<room_id>/exports")
@once
def ask_for_room(room_id: str) -> AnyResponse:
    return _ask(lambda: prepared_exports.ask_for_room(g.person, room_id))


@exports.get("/settings/exports/<export_id>/file")
def show_file(export_id: str) -> AnyResponse:
    try:
        return file_answer(*prepared_exports.file_of(g.person, export_id))
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)


@exports.get("/settings/exports/<export_id>/delete")
def ask_delete(export_id: str) -> str:
    prepared_exports.find(g.person, export_id)
    return render_template("question.html", question=_deleting(export_id))


@exports.post("/settings/exports/<export_id>/delete")
@once
def delete(export_id: str) -> AnyResponse:
    prepared_exports.delete(g.person, export_id)
    return redirect(url_for("pages.exports.show"), 303)


def _ask(ask: Callable[[], object]) -> AnyResponse:
    try:
        ask()
    except ChatError as mistake:
        return refuse(_page(mistake), mistake)
    return redirect(url_for("pages.exports.show"), 303)


def _page(mistake: ChatError | None = None) -> str:
    found = prepared_exports.list_of(g.person)
    shown = show_exports(found, prepared_exports.rooms_of(g.person, found))
    return render_template(
        "settings/exports.html",
        exports=[(each, _deleting(each["id"])) for each in shown],
        mistake=mistake,
        form=request.form,
    )


def _deleting(export_id: str) -> Question:
    return Question(
        _("Delete this export?"),
        _("Its file is gone for good. The messages stay where they are."),
        _("Delete export"),
        url_for("pages.exports.delete", export_id=export_id),
        url_for("pages.exports.ask_delete", export_id=export_id),
        url_for("pages.exports.show"),
    )
