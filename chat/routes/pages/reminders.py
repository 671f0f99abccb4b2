"""Serve one's own reminders, as a page of the settings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from chat.controllers import own_reminders
from chat.routes.pages.once import once
from chat.routes.pages.questions import Question
from chat.schemas.reminders import show_reminders
from chat.utils.plain_text import excerpt_of
from chat.utils.translation import _

reminders = Blueprint("reminders", __name__, url_prefix="/settings/reminders")


@reminders.get("")
def show() -> str:
    """Show the person's reminders, the next one first."""
    shown = show_reminders(own_reminders.list_of(g.person))
    return render_template(
        "settings/reminders.html", reminders=[(each, _deleting(each)) for each in shown]
    )


@reminders.get("/<reminder_id>/delete")
def ask_delete(reminder_id: str) -> str:
    (shown,) = show_reminders([own_reminders.find(g.person, reminder_id)])
    return render_template("question.html", question=_deleting(shown))


@reminders.post("/<reminder_id>/delete")
@once
def delete(reminder_id: str) -> AnyResponse:
    own_reminders.delete(g.person, reminder_id)
    return redirect(url_for("pages.reminders.show"), 303)


def _deleting(reminder: dict[str, Any]) -> Question:
    return Question(
        _("Delete this reminder?"),
        excerpt_of("", reminder["body"]),
        _("Delete reminder"),
        url_for("pages.reminders.delete", reminder_id=reminder["id"]),
        url_for("pages.reminders.ask_delete", reminder_id=reminder["id"]),
        url_for("pages.reminders.show"),
    )
