"""Run a command that somebody typed where messages are written, without JavaScript."""

from __future__ import annotations

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers.commands import running
from chat.routes import cookies, languages
from chat.routes.pages.forms import load, refuse
from chat.routes.pages.room_page import room_page
from chat.schemas.commands import CommandInput, show_answer
from chat.utils.errors import ChatError, NotFound, ValidationFailed
from chat.utils.translation import _


def is_one(body: str) -> bool:
    """Return whether a form's text is to be run, not posted. A space before it posts it."""
    return body.startswith("/") and running.is_command(body.strip())


def run(room_id: str) -> AnyResponse:
    """Run the command of the form. Its answer is on the page that follows, and on no other."""
    try:
        if request.form.get("reply_to_id") or any(file for file in request.files.values()):
            raise ValidationFailed(_("A command can’t have pictures, or answer a message."))
        given = {"text": request.form["body"], "client_id": request.form.get("client_id", "")}
        taken = load(CommandInput, given)
        zone = cookies.value_of(cookies.ZONE)
        outcome = running.run(
            g.person, room_id, taken["text"], taken["client_id"], zone, locale=languages.locale()
        )
    except NotFound:
        raise
    except ChatError as mistake:
        return refuse(room_page(room_id, mistake), mistake)
    if outcome.answer:
        return AnyResponse(
            room_page(room_id, answer=show_answer(outcome.answer)), mimetype="text/html"
        )
    try:
        running.offered(g.person, room_id)
    except NotFound:  # they left it
        return redirect(url_for("pages.rooms.list_mine"), 303)
    return redirect(url_for("pages.rooms.show", room_id=room_id), 303)
