"""`/me/reminders`: what one has asked to be reminded of, by `/remind`."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from chat.controllers import own_reminders
from chat.routes.api.parsing import Blueprint
from chat.routes.responses import json_answer
from chat.schemas.reminders import RemindersView, show_reminders

reminders = Blueprint("reminders", __name__, description="Your reminders")


@reminders.get("", name="listMyReminders", scope="read")
@reminders.response(200, RemindersView)
def list_mine() -> Response:
    """List your reminders, the next one first

    `/remind` makes one: `POST /rooms/<id>/commands`.
    """
    shown = show_reminders(own_reminders.list_of(g.person))
    return json_answer({"reminders": shown, "next": None})


@reminders.delete("/<id:reminder_id>", name="deleteReminder", scope="write")
@reminders.response(204)
def delete(reminder_id: str) -> tuple[Any, int]:
    """Delete a reminder, which then is not said"""
    own_reminders.delete(g.person, reminder_id)
    return "", 204
